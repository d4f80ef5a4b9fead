#include <troupe/transport/address.hpp>

#include <charconv>

namespace troupe::transport {
namespace {

constexpr std::string_view unix_prefix = "unix:";

std::optional<LinkAddress> parse_unix(std::string_view path) {
  if (path.empty() || path.size() > max_unix_path || path.find('\0') != std::string_view::npos) return std::nullopt;
  return LinkAddress{.host = {}, .port = 0, .path = std::string(path)};
}

}  // namespace

std::optional<LinkAddress> parse_link_address(std::string_view text) {
  if (text.starts_with(unix_prefix)) return parse_unix(text.substr(unix_prefix.size()));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return std::nullopt;
  }
  if (host.empty() || host.find('\0') != std::string_view::npos) return std::nullopt;
  return LinkAddress{.host = std::string(host), .port = port, .path = {}};
}

std::string to_string(const LinkAddress& address) {
  if (address.is_unix()) return std::string(unix_prefix) + address.path;
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace troupe::transport
