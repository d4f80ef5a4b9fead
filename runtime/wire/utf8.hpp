#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::wire {

/// Well-formed UTF-8: shortest forms only, no surrogates, nothing above U+10FFFF.
/// Source: The Unicode Standard, table 3-7.
bool is_utf8(std::string_view text);

/// The number of characters, as the shop and JSON Schema count them. `text` is well-formed.
std::size_t count_code_points(std::string_view text);

}  // namespace troupe::wire
