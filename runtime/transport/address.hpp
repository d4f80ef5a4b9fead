#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::transport {

/// Where a node listens for links: a TCP port (`127.0.0.1:7101`, `[::1]:7101`, `catalog:7101`) or a Unix socket
/// (`unix:/run/troupe/catalog`). Port 0 lets the system choose.
struct LinkAddress {
  std::string host;  ///< without brackets; empty: a Unix socket
  std::uint16_t port = 0;
  std::string path;

  bool is_unix() const { return host.empty(); }
  bool operator==(const LinkAddress&) const = default;
};

/// The longest path that the system takes as a socket's.
inline constexpr std::size_t max_unix_path = 107;

/// Empty for anything that is no address. Names are not looked up.
std::optional<LinkAddress> parse_link_address(std::string_view text);

/// The form that `parse_link_address` reads.
std::string to_string(const LinkAddress& address);

}  // namespace troupe::transport
