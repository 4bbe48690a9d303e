#pragma once

#include <optional>
#include <string>

#include "monitor/agent_client.h"

namespace plimsoll {

/// What is known of one host besides its figures. Lost with the process: whoever needs more asks
/// the store.
struct HostStatus {
  bool polled = false;             ///< At least once.
  bool up = false;                 ///< The last poll was answered.
  int failures = 0;                ///< In a row.
  int to_skip = 0;                 ///< Intervals in which it will not be asked.
  std::string error_class, error;  ///< Of the last poll; empty: it was answered.
  std::string brief;               ///< As PollOutcome::brief.
  std::optional<TimePoint> last_seen;
  std::optional<ClockSkew> skew;
  bool clock_warned = false;

  enum class Change { none, up, down };
  enum class ClockChange { none, off, right };

  /// Notes a poll; what is worth a line in the log.
  Change note(const PollOutcome& outcome, TimePoint at);
  ClockChange note_clock(const std::optional<ClockSkew>& measured);
};

}  // namespace plimsoll
