#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// A moment of the calendar, UTC. Text: RFC 3339 with milliseconds, exactly `2026-11-21T03:24:41.007Z`.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// A length of time. Text: one number and one unit, `250ms`, `2s`, `15m`, `12h`, `7d`; shorter than zero with a `-`.
using Duration = std::chrono::milliseconds;

/// A point of the monotonic clock that deadlines are measured by; in a simulation, of virtual time.
using Instant = std::chrono::steady_clock::time_point;

namespace wire {

// Years 0000 to 9999: what RFC 3339 can write.
inline constexpr Time first_time{std::chrono::milliseconds{-62'167'219'200'000}};
inline constexpr Time last_time{std::chrono::milliseconds{253'402'300'799'999}};

}  // namespace wire

/// Errors: throws std::out_of_range outside the years 0000 to 9999.
std::string to_text(Time time);
void append_text(std::string& out, Time time);
std::optional<Time> parse_time(std::string_view text);

/// In the largest unit that keeps it exact: 90 s are `90s`, 120 s are `2m`.
std::string to_text(Duration duration);
void append_text(std::string& out, Duration duration);
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace troupe
