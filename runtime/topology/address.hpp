#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::topology {

/// A host (name, IPv4 or IPv6 without brackets) and a TCP port; port 0 lets the system choose.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// Reads `host:port` or `[v6]:port`; nothing for anything else.
std::optional<Address> parse_address(std::string_view text);

/// The form that `parse_address` reads.
std::string to_string(const Address& address);

/// True for 127.0.0.0/8, ::1 and `localhost`: nobody else can reach it.
bool is_loopback(const Address& address);

/// True for 0.0.0.0 and ::, which listen on every interface and name no place to connect to.
bool is_wildcard(const Address& address);

}  // namespace troupe::topology
