#pragma once

#include <troupe/topology/fault.hpp>
#include <troupe/topology/value.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::topology::detail {

/// Reads the TOML of the file that is `file` among those of `faults`, to which a syntax error is added.
std::optional<Table> read_toml(std::string_view text, std::uint32_t file, Faults& faults);

}  // namespace troupe::topology::detail
