#pragma once

#include <vector>

#include "decide/fleet.h"
#include "decide/ledger.h"
#include "decide/policy.h"
#include "decide/reason.h"
#include "decide/risk_book.h"
#include "decide/spread.h"

namespace plimsoll {

/// Whether CPU is judged by the spread of the containers' use instead of a line on the hosts':
/// Policy::detector asks for it, the scalar judges each resource by itself, and some running
/// container has samples.
[[nodiscard]] bool judged_by_spread(const FleetSnapshot& fleet, const Policy& policy);

/// What a move has to bring at the least: by how much it lowers the risks (overload_risk) of both
/// ends together.
[[nodiscard]] double price_of_move(const Policy& policy);

/// Relieves the hosts that are most likely to want more CPU than they have, before they do: single
/// moves, each the one that lowers the risk of both ends together the most, as long as that is
/// worth its price. `book` is the ledger's. A destination ends at a lower risk than the source
/// began with. Of about equally good destinations the quickest is taken. Enters moves into the
/// ledger and the plan, and says in the plan why a host at risk is not relieved. Memory, storage
/// and all other rules hold as judge() has them. Gives how each host then stands, with all moves
/// landed, by position.
std::vector<SpreadStand> relieve_by_spread(Ledger& ledger, RiskBook& book, PlanBuilder& plan);

}  // namespace plimsoll
