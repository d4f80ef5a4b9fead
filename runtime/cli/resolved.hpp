#pragma once

#include <netdb.h>

#include <memory>
#include <string>

#include <troupe/topology/model.hpp>

namespace troupe::cli {

struct FreesAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// What the name of a host and port come to; null: nothing.
using Resolved = std::unique_ptr<addrinfo, FreesAddresses>;

/// Looks up a TCP address; blocks where the name is another machine's. Where nothing comes of it, `why` says so.
Resolved resolve(const topology::Address& address, std::string& why);

}  // namespace troupe::cli
