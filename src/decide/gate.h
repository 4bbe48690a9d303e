#pragma once

#include <string>

#include "decide/ledger.h"
#include "decide/plan.h"
#include "decide/reason.h"

namespace plimsoll {

/// Whether so many hosts are silent, by Policy::silent_stop, that nothing may move; the plan then
/// says so. A drained host may be silent for good reason. A fleet without hosts counts as silent.
[[nodiscard]] bool fleet_is_silent(const Ledger& ledger, PlanBuilder& plan);

/// "it does not answer; last heard 2 min 0 s ago: neither gives nor receives".
[[nodiscard]] std::string describe_silence(const HostAssessment& seen);

}  // namespace plimsoll
