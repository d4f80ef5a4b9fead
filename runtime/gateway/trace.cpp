#include <troupe/gateway/trace.hpp>

#include <algorithm>
#include <span>

#include <troupe/wire/hex.hpp>

namespace troupe::gateway {
namespace {

constexpr std::size_t max_request_id_characters = 128;

// version "-" trace-id "-" parent-id "-" flags
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t parent_id_at = 36;
constexpr std::size_t flags_at = 53;
constexpr std::size_t version_00_size = 55;
constexpr std::uint8_t sampled_flag = 1;

int lower_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Fills `bytes` from the digits at the beginning of `text`.
bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = lower_hex_digit(text[2 * i]);
    const int low = lower_hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool is_zero(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  if (text.size() < version_00_size) return std::nullopt;
  if (text[trace_id_at - 1] != '-' || text[parent_id_at - 1] != '-' || text[flags_at - 1] != '-') return std::nullopt;

  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceContext context;
  const bool hex = read_hex(text, version) && read_hex(text.substr(trace_id_at), context.trace_id) &&
                   read_hex(text.substr(parent_id_at), context.parent_id) && read_hex(text.substr(flags_at), flags);
  if (!hex || version[0] == 0xff || is_zero(context.trace_id) || is_zero(context.parent_id)) return std::nullopt;
  if (text.size() > version_00_size && (version[0] == 0 || text[version_00_size] != '-')) return std::nullopt;
  context.sampled = (flags[0] & sampled_flag) != 0;
  return context;
}

std::string to_traceparent(const TraceContext& context) {
  std::string text = "00-";
  text.reserve(version_00_size);
  append_hex(text, context.trace_id);
  text.push_back('-');
  append_hex(text, context.parent_id);
  text.append(context.sampled ? "-01" : "-00");
  return text;
}

std::string to_hex(const std::array<std::uint8_t, 16>& id) {
  std::string text;
  text.reserve(2 * id.size());
  append_hex(text, id);
  return text;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= max_request_id_characters &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string request_id(std::optional<std::string_view> sent, const std::array<std::uint8_t, 16>& random) {
  return sent && is_request_id(*sent) ? std::string(*sent) : to_hex(random);
}

}  // namespace troupe::gateway
