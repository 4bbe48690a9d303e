#pragma once

#include <cstddef>
#include <vector>

#include "decide/ledger.h"
#include "decide/reason.h"
#include "decide/relieve.h"

namespace plimsoll {

/// What single moves leave of a hot host's need: units move as one, and where no host has room an
/// exchange makes it. Enters what it finds into the ledger and the plan, and takes back what was
/// said there about the host having no way out; otherwise says why not.
void relieve_together(Ledger& ledger, std::size_t host, Budget& budget, PlanBuilder& plan);

/// Units alone, for hosts over their lines whose CPU is judged by spread: that moves single
/// containers only, and would leave a host on which all belong to projects as it is.
void relieve_by_units(Ledger& ledger, const std::vector<std::size_t>& hosts, Budget& budget,
                      PlanBuilder& plan);

}  // namespace plimsoll
