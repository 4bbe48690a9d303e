#pragma once

#include <optional>
#include <string>

#include "core/time.h"
#include "core/units.h"
#include "fleet/fleet_view.h"
#include "terminal/frame.h"

namespace plimsoll {

/// "96.4", or "-" where it is not known.
[[nodiscard]] std::string percent_text(const std::optional<double>& value);
/// In one unit: "4 s", "12 min", "3 h", "2 d".
[[nodiscard]] std::string short_duration(Duration duration);
/// How old a host's newest telemetry is: as short_duration, or "never".
[[nodiscard]] std::string age_text(const HostRow& row);
/// "120 %" of its line, or "-".
[[nodiscard]] std::string level_text(const HostRow& row);
/// How far a host's clock is ahead: "+0.3 s", or "-" where it is not known.
[[nodiscard]] std::string skew_text(const HostRow& row);
/// "300 MiB", or "-".
[[nodiscard]] std::string memory_text(const std::optional<Bytes>& memory);
/// What a host is in a word: "over", "near", "ok", or how it fails: "silent", and "never" where no
/// telemetry of it is known.
[[nodiscard]] std::string_view state_word(const HostRow& row);
/// The same as one character: "!", "~", " ", or "?".
[[nodiscard]] std::string_view sign_of(const HostRow& row);
/// How long a host has been silent, and why: "silent 2 min  timeout: 10.0.0.7:5002: no answer".
[[nodiscard]] std::string silence_text(const HostRow& row);
/// The colour of a level: calm, near or over the line.
[[nodiscard]] Colour level_colour(double level, bool over_line);

/// Hosts by what they are.
struct HostCounts {
  std::size_t all = 0;
  std::size_t up = 0;
  std::size_t over = 0;
  std::size_t silent = 0;
};
[[nodiscard]] HostCounts count_hosts(const FleetView& view);

/// "14:03:59".
[[nodiscard]] std::string clock_text(TimePoint time);

}  // namespace plimsoll
