#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/time.h"
#include "decide/policy.h"

namespace plimsoll {

/// How many steps the durations of a policy last at the least. A policy is written for telemetry
/// that comes every few seconds; where a step is minutes long, its 60 s would hold no two samples
/// and its cool-downs would be over at once. With 5 s steps the policy's own times are the longer
/// ones, with 5 min steps these are. 0: the time stands as it is.
/// Ours; 3 steps of mean and 6 of rest are the best plain baseline of the trace runs
/// (docs/decision-quality.md).
struct Pace {
  double window = 3;
  double container_cooldown = 6;
  double cooldown_max = 72;
  double host_cooldown = 1;
  double return_after = 12;
  double horizon = 3;
  /// A step holds as many rounds of Policy::moves_in_fleet as moves of this length fit into it one
  /// after the other; 0: one. Unit: seconds.
  double move_seconds = 15;
};

/// The policy for steps that are `step` apart: one sample and one evaluation a step, so that `hold`
/// and `stale_after` count steps; other durations as Pace says, and a window of at least a step.
[[nodiscard]] Policy paced(const Policy& policy, const Pace& pace, Duration step);

/// How far apart steps are: the median of the last few, so that a step that was left out, or came
/// late, changes nothing.
class StepLength {
 public:
  /// Requires: later than the one before.
  void note(TimePoint time);
  /// Nothing before the second step.
  [[nodiscard]] std::optional<Duration> length() const;

 private:
  static constexpr std::size_t kept = 9;  // Ours.
  std::optional<TimePoint> last_;
  std::vector<Duration> spacings_;  // a ring
  std::size_t next_ = 0;
};

}  // namespace plimsoll
