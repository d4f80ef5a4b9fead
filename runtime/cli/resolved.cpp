#include <troupe/cli/resolved.hpp>

#include <sys/socket.h>

namespace troupe::cli {

Resolved resolve(const topology::Address& address, std::string& why) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
  if (error != 0) {
    why = ::gai_strerror(error);
  } else if (!list) {
    why = "it has no address";
  }
  return Resolved(list);
}

}  // namespace troupe::cli
