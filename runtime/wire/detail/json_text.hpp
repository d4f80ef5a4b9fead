#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/wire/detail/node.hpp>
#include <troupe/wire/detail/pinned_text.hpp>
#include <troupe/wire/fault.hpp>

// The untyped half of JSON: text to nodes, and scalars to text.
namespace troupe::wire {

struct JsonLimits {
  std::size_t max_bytes = 1 << 20;
  std::size_t max_depth = 32;
};

inline constexpr JsonLimits stored_json_limits{.max_bytes = 0x7fff'ffff, .max_depth = 64};

namespace detail {

struct JsonDocument {
  Document nodes;
  PinnedText unescaped;  // the strings that had escapes: nodes point into it, and go where it goes
};

/// Lifetime: nodes point into `text`, and into the document, which may be moved. Errors: empty, with one fault, where
/// it is malformed or beyond the limits.
std::optional<JsonDocument> parse_json(std::string_view text, const JsonLimits& limits, std::vector<Fault>& faults);

Node text_node(std::string_view text);

void append_json_string(std::string& out, std::string_view text);
void append_json_real(std::string& out, double value);
void append_json_real(std::string& out, float value);
void append_enum_name(std::string& out, std::string_view name, std::string_view type);

}  // namespace detail
}  // namespace troupe::wire
