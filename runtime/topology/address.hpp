#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::topology {

/// A host (name, IPv4 or IPv6 without brackets) and a TCP port; port 0 lets the system choose. Or, of links, the path
/// of a Unix socket.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  std::string path{};  ///< of a Unix socket; else empty

  bool is_unix() const { return !path.empty(); }
  bool leaves_port_open() const { return !is_unix() && port == 0; }

  friend bool operator==(const Address&, const Address&) = default;
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// Reads `host:port` or `[v6]:port`; nothing for anything else.
std::optional<Address> parse_address(std::string_view text);

/// Reads these and `unix:PATH`, of a path that the system takes as a socket's.
std::optional<Address> parse_link_address(std::string_view text);
inline constexpr std::size_t longest_socket_path = 107;

/// The form that these read.
std::string to_string(const Address& address);

/// True for 127.0.0.0/8, ::1, `localhost` and Unix sockets: no other machine can reach it.
bool is_loopback(const Address& address);

/// True for an IPv4 or IPv6 address, without brackets; false for a name.
bool is_ip_address(const std::string& host);

/// True for 0.0.0.0 and ::, which listen on every interface and name no place to connect to.
bool is_wildcard(const Address& address);

}  // namespace troupe::topology
