#include <troupe/wire/detail/json_text.hpp>

#include <fmt/format.h>

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include <troupe/wire/utf8.hpp>

namespace troupe::wire::detail {
namespace {

using boost::json::error_code;

/// Boost.JSON's events, written down as nodes.
struct Handler {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  // A text with escapes is never shorter than what it stands for.
  explicit Handler(std::string_view text)
      : input(text), document{Document(text.size() / 8 + 4), PinnedText(text.size())} {}

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open(NodeKind::object); }
  bool on_object_end(std::size_t members, error_code&) { return close(members); }
  bool on_array_begin(error_code&) { return open(NodeKind::array); }
  bool on_array_end(std::size_t items, error_code&) { return close(items); }
  bool on_key_part(std::string_view part, std::size_t, error_code&) { return add_part(part); }
  bool on_key(std::string_view part, std::size_t size, error_code&) { return add_string(part, size); }
  bool on_string_part(std::string_view part, std::size_t, error_code&) { return add_part(part); }
  bool on_string(std::string_view part, std::size_t size, error_code&) { return add_string(part, size); }
  bool on_number_part(std::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, std::string_view, error_code&) {
    document.nodes.add_signed(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, std::string_view, error_code&) {
    document.nodes.add_unsigned(value);
    return true;
  }
  bool on_double(double value, std::string_view text, error_code&) {
    // The parser's own result is not correctly rounded.
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range && std::abs(value) >= 1) value = HUGE_VAL;
    document.nodes.add_real(value);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    document.nodes.add_boolean(value);
    return true;
  }
  bool on_null(error_code&) {
    document.nodes.add_null();
    return true;
  }
  bool on_comment_part(std::string_view, error_code&) { return true; }
  bool on_comment(std::string_view, error_code&) { return true; }

  bool open(NodeKind kind) {
    document.nodes.open(kind);
    return true;
  }
  bool close(std::size_t size) {
    document.nodes.close(static_cast<std::uint32_t>(size));
    return true;
  }
  bool add_part(std::string_view part) {
    document.unescaped.append(part);
    return true;
  }
  bool add_string(std::string_view part, std::size_t size) {
    const bool in_input =
        part.size() == size && part.data() >= input.data() && part.data() + size <= input.data() + input.size();
    if (!in_input) {
      add_part(part);
      part = document.unescaped.last(size);
    }
    document.nodes.add_text(NodeKind::string, part);
    return true;
  }

  std::string_view input;
  JsonDocument document;
};

std::string describe(const error_code& error, std::size_t offset, const JsonLimits& limits) {
  if (error == boost::json::error::too_deep) return fmt::format("is nested deeper than {} levels", limits.max_depth);
  return fmt::format("is not JSON: {} at byte {}", error.message(), offset);
}

constexpr bool is_plain(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x20 && octet < 0x80 && c != '"' && c != '\\';
}

/// Nonzero where one of eight octets may not stand in a JSON string as it is, or is not ASCII.
std::uint64_t special_octets(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
  constexpr std::uint64_t highs = 0x8080'8080'8080'8080;
  const auto zero_octets = [](std::uint64_t x) { return (x - ones) & ~x; };
  return (zero_octets(word ^ (ones * '"')) | zero_octets(word ^ (ones * '\\')) | (word - ones * 0x20) | word) & highs;
}

std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if (special_octets(word) != 0) break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default: {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto octet = static_cast<unsigned char>(c);
      out += "\\u00";
      out += digits[octet >> 4];
      out += digits[octet & 15];
    }
  }
}

template <class N>
void append_real(std::string& out, N value) {
  if (!std::isfinite(value)) throw std::invalid_argument("a number that is not finite has no JSON form");
  if (value == 0 && std::signbit(value)) {
    out += "-0.0";  // "-0" would be read as an integer, which has no sign here
    return;
  }
  std::array<char, 32> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

}  // namespace

std::optional<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits, std::vector<Fault>& faults) {
  if (text.size() > limits.max_bytes) {
    add_fault(faults, Path(), fmt::format("is larger than {} bytes", limits.max_bytes));
    return std::nullopt;
  }
  boost::json::parse_options options;
  options.max_depth = limits.max_depth;
  boost::json::basic_parser<Handler> parser(options, text);
  error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) error = boost::json::make_error_code(boost::json::error::extra_data);
  if (error) {
    add_fault(faults, Path(), describe(error, read, limits));
    return std::nullopt;
  }
  return std::move(parser.handler().document);
}

Node text_node(std::string_view text) {
  Node node;
  node.kind = NodeKind::string;
  node.text = text.data();
  node.size = static_cast<std::uint32_t>(text.size());
  return node;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  bool is_checked = false;
  while (true) {
    const std::size_t plain = plain_prefix(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    if (static_cast<unsigned char>(c) < 0x80) {
      append_escaped(out, c);
    } else {
      if (!is_checked && !is_utf8(text)) throw std::invalid_argument("text that is not UTF-8 has no JSON form");
      is_checked = true;
      out += c;
    }
    text.remove_prefix(1);
  }
  out += '"';
}

void append_json_real(std::string& out, double value) { append_real(out, value); }
void append_json_real(std::string& out, float value) { append_real(out, value); }

void append_enum_name(std::string& out, std::string_view name, std::string_view type) {
  if (name.empty()) throw std::invalid_argument(fmt::format("{} has no enumerator of this value", type));
  out += name;
}

}  // namespace troupe::wire::detail
