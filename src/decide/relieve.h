#pragma once

#include <cstddef>

#include "decide/ledger.h"
#include "decide/reason.h"

namespace plimsoll {

/// What one plan may still do.
struct Budget {
  int searches = 0;
};

/// Brings one host in need below its target: enters moves into the ledger and the plan, or says in
/// the plan why there are none or not enough.
/// Requires: the host is hot.
void relieve(Ledger& ledger, std::size_t host, Budget& budget, PlanBuilder& plan);

}  // namespace plimsoll
