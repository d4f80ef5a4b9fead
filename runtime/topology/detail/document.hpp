#pragma once

#include "runtime/topology/fault.hpp"
#include "runtime/topology/value.hpp"

#include <optional>
#include <string_view>

namespace troupe::topology::detail {

/// Reads TOML; a syntax error is added to `faults`.
std::optional<Table> read_toml(std::string_view text, Faults& faults);

}  // namespace troupe::topology::detail
