#pragma once

#include <troupe/topology/value.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::topology::detail {

/// How many parts a dotted key may have, and how deeply lists and tables in braces may nest.
inline constexpr std::uint32_t deepest_nesting = 16;

/// Where a TOML text first goes deeper; nothing where it does not. A parser, and whoever walks through what it made,
/// calls itself once a level: toml++ before 3.4 has no limit for keys. Right up to the first syntax error.
std::optional<Position> find_depth(std::string_view text);

}  // namespace troupe::topology::detail
