#include <troupe/http/target.hpp>

#include <algorithm>

#include <troupe/wire/utf8.hpp>

namespace troupe::http {
namespace {

/// Keeps the search for duplicates short, whatever a header can hold.
constexpr std::size_t max_parameters = 64;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode_form(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

void parse_parameter(std::string_view text, Query& query) {
  const auto equals = text.find('=');
  const std::string_view raw_name = text.substr(0, equals);
  const std::string_view raw_value = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  auto name = decode_form(raw_name);
  auto value = decode_form(raw_value);
  if (!name || !value) {
    query.faults.push_back(
        {.pointer = "?" + (name ? *name : std::string(raw_name)), .detail = "must be percent-encoded UTF-8"});
    return;
  }
  const bool known = std::any_of(query.parameters.begin(), query.parameters.end(),
                                 [&](const QueryParameter& parameter) { return parameter.name == *name; });
  if (known) {
    query.faults.push_back({.pointer = "?" + *name, .detail = "must be given once"});
    return;
  }
  query.parameters.push_back({.name = *std::move(name), .value = *std::move(value)});
}

}  // namespace

PathSegments split_path(std::string_view path) {
  PathSegments segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.empty()) return segments;
  while (true) {
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  if (!wire::is_utf8(decoded)) return std::nullopt;
  return decoded;
}

Query parse_query(std::string_view query) {
  Query parsed;
  while (!query.empty()) {
    if (parsed.parameters.size() + parsed.faults.size() == max_parameters) {
      parsed.faults.push_back({.pointer = "?", .detail = "must have at most 64 parameters"});
      break;
    }
    const auto end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    if (!parameter.empty()) parse_parameter(parameter, parsed);
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return parsed;
}

}  // namespace troupe::http
