#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/policy.h"

namespace plimsoll {

/// What should be moved now, and why, and why not more. The same input gives the same plan, in
/// whatever order hosts and containers stand.
/// Requires: check(policy) finds nothing.
[[nodiscard]] Plan decide(const FleetSnapshot& fleet, const Policy& policy, TimePoint now);

/// How every host stands, by name, and which are hot, by the detector that decide() judges by.
/// Cheap; needs no Docker data.
[[nodiscard]] std::vector<HostAssessment> assess(const FleetSnapshot& fleet, const Policy& policy,
                                                 TimePoint now);

/// A move that a person asks for.
struct ManualMove {
  ContainerName container;
  HostId from;
  std::optional<HostId> to;  ///< Absent: the quickest that may take it (--to auto).
  /// Also against the rules that only say it is unwise: load, target, drained, apart, pin, labels.
  bool force = false;
  /// It was decided before, not asked for: where judged_by_spread() a destination's CPU is judged
  /// so, by its risk, and not by the target.
  bool decided = false;
};

/// What the reason of such a move begins with.
inline constexpr std::string_view by_hand_reason = "asked for by hand";

/// One requested move through the same eligibility, feasibility and prediction as decide(), but
/// without hold, cool-down, limits and gain: a person has decided that.
/// The plan holds the move, or no move and the rejections that say why.
[[nodiscard]] Plan explain_manual(const FleetSnapshot& fleet, const Policy& policy, TimePoint now,
                                  const ManualMove& wanted);

}  // namespace plimsoll
