#include <troupe/topology/address.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace troupe::topology {
namespace {

constexpr std::size_t longest_host_name = 253;

bool is_ipv4(const std::string& host) {
  in_addr parsed{};
  return inet_pton(AF_INET, host.c_str(), &parsed) == 1;
}

/// The address in its shortest spelling, so that two spellings of one address compare equal.
std::optional<std::string> canonical_ipv6(const std::string& host) {
  in6_addr parsed{};
  if (inet_pton(AF_INET6, host.c_str(), &parsed) != 1) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &parsed, text.data(), text.size());
  return std::string(text.data());
}

bool is_label_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > longest_host_name) return false;
  // All digits and dots but no IPv4 address is a slip, not a name.
  if (std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); })) return false;
  std::size_t label = 0;
  for (const char c : host) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!is_label_character(c) || ++label > 63) {
      return false;
    }
  }
  return label > 0;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port || host.empty() || host.find('\0') != std::string::npos) return std::nullopt;
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return std::nullopt;
    auto canonical = canonical_ipv6(host.substr(1, host.size() - 2));
    if (!canonical) return std::nullopt;
    return Address{std::move(*canonical), *port, {}};
  }
  if (!is_ipv4(host) && !is_host_name(host)) return std::nullopt;
  return Address{std::move(host), *port, {}};
}

std::optional<Address> parse_link_address(std::string_view text) {
  constexpr std::string_view scheme = "unix:";
  if (!text.starts_with(scheme)) return parse_address(text);
  const std::string_view path = text.substr(scheme.size());
  if (path.empty() || path.size() > longest_socket_path || path.find('\0') != std::string_view::npos)
    return std::nullopt;
  return Address{{}, 0, std::string(path)};
}

std::string to_string(const Address& address) {
  if (address.is_unix()) return "unix:" + address.path;
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

bool is_loopback(const Address& address) {
  return address.is_unix() || address.host == "localhost" || address.host == "::1" ||
         (address.host.starts_with("127.") && is_ipv4(address.host));
}

bool is_ip_address(const std::string& host) { return is_ipv4(host) || canonical_ipv6(host).has_value(); }

bool is_wildcard(const Address& address) { return address.host == "0.0.0.0" || address.host == "::"; }

}  // namespace troupe::topology
