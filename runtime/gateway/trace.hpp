#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::gateway {

/// Which trace a request belongs to, and the span that caused it.
/// Source: W3C Trace Context, level 1.
struct TraceContext {
  std::array<std::uint8_t, 16> trace_id{};  ///< never all zero
  std::array<std::uint8_t, 8> parent_id{};  ///< never all zero
  bool sampled = false;

  bool operator==(const TraceContext&) const = default;
};

/// Reads a `traceparent` field. Strict: lower-case digits, no zero ids, nothing after version 00; a later version may
/// carry more. Nothing when malformed: the request then begins a trace of its own.
std::optional<TraceContext> parse_traceparent(std::string_view text);

/// As version 00 has it.
std::string to_traceparent(const TraceContext& context);

/// 32 lower-case hexadecimal digits.
std::string to_hex(const std::array<std::uint8_t, 16>& id);

/// Whether a client's X-Request-Id may be taken over: 1 to 128 visible ASCII characters.
bool is_request_id(std::string_view text);

/// The client's id where it may be taken over, else one made of `random`.
std::string request_id(std::optional<std::string_view> sent, const std::array<std::uint8_t, 16>& random);

}  // namespace troupe::gateway
