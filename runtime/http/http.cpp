#include <troupe/http/http.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>

namespace troupe::http {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

/// Origin form of a target: what follows scheme and authority of an absolute one.
std::string_view origin_form(std::string_view target) {
  if (target.empty() || target.front() == '/') return target;
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  const auto authority_end = target.find_first_of("/?", scheme + 3);
  return authority_end == std::string_view::npos ? std::string_view("/") : target.substr(authority_end);
}

}  // namespace

std::string_view to_string(Method method) {
  constexpr std::array<std::string_view, 8> names{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", ""};
  return names.at(static_cast<std::size_t>(method));
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return x == y || lower(x) == lower(y); });
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.push_back({.begin = static_cast<std::uint32_t>(lines_.size()),
                     .name_size = static_cast<std::uint32_t>(name.size()),
                     .value_size = static_cast<std::uint32_t>(value.size())});
  lines_.append(name).append(": ");
  const auto value_begin = lines_.size();
  lines_.append(value);
  std::replace_if(lines_.begin() + static_cast<std::ptrdiff_t>(value_begin), lines_.end(), is_control, ' ');
  lines_.append("\r\n");
}

Headers::Field Headers::operator[](std::size_t index) const {
  const FieldSpan& span = fields_[index];
  const std::string_view lines = lines_;
  return {.name = lines.substr(span.begin, span.name_size),
          .value = lines.substr(span.begin + span.name_size + 2, span.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name_size != name.size()) continue;
    const Field field = (*this)[i];
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) count += equal_ignoring_case((*this)[i].name, name) ? 1 : 0;
  return count;
}

std::string PeerAddress::to_string() const {
  if (size == 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  const std::string host = text.data();
  return (size == 4 ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string_view Request::path() const {
  const std::string_view origin = origin_form(target);
  const std::string_view path = origin.substr(0, origin.find('?'));
  return path.empty() ? std::string_view("/") : path;
}

std::string_view Request::query() const {
  const std::string_view origin = origin_form(target);
  const auto mark = origin.find('?');
  return mark == std::string_view::npos ? std::string_view() : origin.substr(mark + 1);
}

std::string_view reason_phrase(std::uint16_t status) {
  const auto known = boost::beast::http::int_to_status(status);
  if (known == boost::beast::http::status::unknown) return "";
  const auto phrase = boost::beast::http::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

}  // namespace troupe::http
