#pragma once

#include <string>
#include <vector>

#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/policy.h"

namespace plimsoll {

/// What no story may do, whatever it expects: told from the plan and the fleet alone, with none of
/// the code that made the plan. Looked at is a move that has just started, and is among those
/// `under_way` (FleetSnapshot::under_way has also those that wait for their turn). Gives a sentence
/// for each rule it breaks.
[[nodiscard]] std::vector<std::string> unsafe(const Move& move, const FleetSnapshot& fleet,
                                              const std::vector<Move>& under_way,
                                              const Policy& policy, TimePoint now);

}  // namespace plimsoll
