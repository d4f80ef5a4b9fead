#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/cli/descriptor.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::cli {

/// Listens on addresses to see whether they are free. It keeps them, so that an address that two nodes want is found.
///
/// Lifetime: the destructor frees the addresses.
class PortCheck {
 public:
  /// Listens on the address. Returns why that failed; empty on success.
  std::string take(const topology::Address& address);

  /// A free port of the address's host, below those that the system hands to outgoing connections: one of these could
  /// be taken by a peer that calls before the node listens.
  /// Errors: throws std::runtime_error where none is found.
  std::uint16_t choose(const topology::Address& address);

 private:
  std::vector<Descriptor> held_;
};

/// Tries every address that these nodes listen on, but for those of port 0. One sentence for each that cannot be used:
/// "the node edge: link = 127.0.0.1:7101 cannot be used: Address already in use; ...".
std::vector<std::string> busy_addresses(PortCheck& ports, const std::vector<const topology::Node*>& nodes);

}  // namespace troupe::cli
