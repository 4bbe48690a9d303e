#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

using Duration = std::chrono::milliseconds;
/// Wall-clock time, UTC. Telemetry, journals and plans are stamped with it.
using TimePoint = std::chrono::sys_time<Duration>;
/// Gives the time now. Handed to whatever needs it, so that tests turn the clock.
using WallClock = std::function<TimePoint()>;

/// The machine's own wall clock.
[[nodiscard]] TimePoint wall_clock_now();

[[nodiscard]] constexpr double seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1000.0;
}

/// RFC 3339 in UTC with milliseconds: "2026-11-22T12:00:00.250Z".
[[nodiscard]] std::string format_rfc3339(TimePoint time);

/// Reads what format_rfc3339 writes, with 0 to 9 digits of a second's fraction (cut to ms).
/// Errors: malformed.
[[nodiscard]] Result<TimePoint> parse_rfc3339(std::string_view text);

/// Reads the C library's asctime form in UTC, which the predecessor's samples carry:
/// "Fri Jul 28 19:17:04 2023".
/// Errors: malformed.
[[nodiscard]] Result<TimePoint> parse_asctime(std::string_view text);

/// Reads "250ms", "5s", "3m", "24h", "7d"; a bare number is refused, since its unit is a guess.
/// Errors: malformed - not of that form, negative, or past 10 years.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// A duration for people, two units at most: "850 ms", "4.2 s", "3 min 20 s", "2 h 5 min".
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace plimsoll
