#pragma once

#include <troupe/wire/time.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace troupe::topology {

/// No duration in a topology file is longer: ten years still fit every clock.
inline constexpr Duration longest_duration = std::chrono::hours(24 * 3650);

/// Reads "250ms", "10s", "15m", "12h", "7d"; nothing for anything else, for less than zero and for too much.
std::optional<Duration> read_duration(std::string_view text);

/// Reads "100ms..10s": from the first to the second, which is not the shorter one.
std::optional<std::pair<Duration, Duration>> read_duration_range(std::string_view text);

}  // namespace troupe::topology
