#pragma once

#include <cmath>
#include <optional>

#include "core/time.h"
#include "telemetry/reading.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {

/// How far a host's clock is ahead of ours.
struct ClockSkew {
  double ahead_s = 0;        ///< Negative: behind.
  double uncertainty_s = 0;  ///< The true figure is within ± this.

  /// Off by more than `limit_s` for sure.
  [[nodiscard]] bool is_beyond(double limit_s) const {
    return std::abs(ahead_s) - uncertainty_s > limit_s;
  }
};

/// From here on a host's clock is worth a warning: what happened on two hosts can no longer be put
/// in order by a person. Source: PEERS.md 6.7, goal 13.
inline constexpr double clock_skew_warn_s = 0.5;

/// Our clock around one request.
struct AskedAt {
  TimePoint sent;
  TimePoint received;
};

/// From what the agent's clock was when it answered: half of the round trip is not known.
/// Source: F. Cristian, Probabilistic clock synchronization, 1989.
[[nodiscard]] inline ClockSkew clock_skew(TimePoint agent_time, AskedAt asked) {
  const Duration half = (asked.received - asked.sent) / 2;
  return {seconds(agent_time - (asked.sent + half)), seconds(half)};
}

/// From a sample whose age is not told: it may be as old as the agent's interval. Nothing where it
/// carries no time.
[[nodiscard]] inline std::optional<ClockSkew> clock_skew(const HostReading& reading,
                                                         AskedAt asked) {
  if (reading.sampled_at == TimePoint{}) return std::nullopt;
  const Duration half_age = reading.interval / 2;
  auto skew = clock_skew(reading.sampled_at + half_age, asked);
  skew.uncertainty_s += seconds(half_age);
  return skew;
}

}  // namespace plimsoll
