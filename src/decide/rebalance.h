#pragma once

#include <vector>

#include "decide/ledger.h"
#include "decide/reason.h"

namespace plimsoll {

/// With Policy::rebalance, and while nothing else moves and no host is over its line: one move from
/// the most loaded host that can give to a new one, if the higher of the two then lies lower by
/// Policy::min_gain than the giver did, and that is worth its cost. New is a host on which nothing
/// runs but what moves brought there within memory_needed(): it goes on being filled. One at a
/// time, and Policy::rebalance_from is where it begins, since every move is a stop that somebody
/// notices.
void rebalance(Ledger& ledger, PlanBuilder& plan);

/// Whether rebalance() could find anything: what an orchestrator asks before it looks closer.
/// Returns the host that would give.
[[nodiscard]] std::optional<HostId> rebalance_giver(const FleetSnapshot& fleet,
                                                    const std::vector<HostAssessment>& hosts,
                                                    const Policy& policy);

}  // namespace plimsoll
