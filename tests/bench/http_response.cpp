#include "tests/bench/http_response.hpp"

#include <charconv>
#include <optional>

namespace troupe::bench {
namespace {

constexpr std::string_view line_break = "\r\n";

bool equals_ignoring_case(std::string_view left, std::string_view lower_case) {
  if (left.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const char c = left[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower_case[i]) return false;
  }
  return true;
}

/// The value of `line` if its field is `name`.
std::optional<std::string_view> field_value(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return std::nullopt;
  if (!equals_ignoring_case(line.substr(0, name.size()), name)) return std::nullopt;
  std::string_view value = line.substr(name.size() + 1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return value;
}

template <typename Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool has_no_body(unsigned status) { return status == 204 || status == 304; }

}  // namespace

ResponseFrame read_response(std::string_view buffer) {
  ResponseFrame frame;
  const std::size_t header_end = buffer.find("\r\n\r\n");
  if (header_end == std::string_view::npos) return frame;
  frame.framing = Framing::malformed;
  if (!buffer.starts_with("HTTP/1.1 ") || !parse_number(buffer.substr(9, 3), frame.status)) return frame;

  std::optional<std::size_t> body_bytes;
  std::size_t line_start = buffer.find(line_break) + line_break.size();
  while (line_start < header_end) {
    const std::size_t line_end = buffer.find(line_break, line_start);
    const std::string_view line = buffer.substr(line_start, line_end - line_start);
    if (const auto length = field_value(line, "content-length")) {
      std::size_t bytes = 0;
      if (!parse_number(*length, bytes)) return frame;
      body_bytes = bytes;
    } else if (const auto connection = field_value(line, "connection")) {
      frame.closes = equals_ignoring_case(*connection, "close");
    }
    line_start = line_end + line_break.size();
  }
  if (has_no_body(frame.status)) body_bytes = 0;
  if (!body_bytes) return frame;

  frame.bytes = header_end + 4 + *body_bytes;
  frame.framing = frame.bytes <= buffer.size() ? Framing::complete : Framing::incomplete;
  return frame;
}

}  // namespace troupe::bench
