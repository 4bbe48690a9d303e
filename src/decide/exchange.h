#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decide/feasible.h"
#include "decide/ledger.h"
#include "decide/movable.h"
#include "decide/plan.h"

namespace plimsoll {

/// One move of several that only make sense together.
struct Leg {
  Traveller traveller;
  std::size_t to = 0;
  Prediction predicted;
  double level_after = 0;
};

/// Two or three moves that find room where no single one does, in their order: each begins when the
/// one before it has ended, and in between no host lies above its line that did not before.
struct Exchange {
  std::vector<Leg> legs;
  bool swap = false;  ///< The other container comes back to where the first one was.
};

/// What a search may still try. One try asks about one pair of containers.
/// Ours: at 10,000 hosts a try takes as long as a search for a destination, so that small fleets,
/// where room is scarce, get more of them.
struct ExchangeBudget {
  int tries = 24;
};
[[nodiscard]] ExchangeBudget exchange_budget(std::size_t hosts);

/// Room for a traveller that no host may take: another container makes it, by going to a third
/// host, where another one may have to make room for it in turn, or by changing places. Looks at
/// the hosts that lie highest in the water first, `hosts_max` of them, and there at what is
/// quickest to move. All hosts end within their targets. The ledger is as before afterwards.
[[nodiscard]] std::optional<Exchange> find_exchange(Ledger& ledger, const Traveller& stuck,
                                                    Occasion occasion, ExchangeBudget& budget);

/// All of it, as total_of(CompanyOffer).
[[nodiscard]] Prediction total_of(const Exchange& exchange);

/// "db makes room on h2 first, by going to h3".
[[nodiscard]] std::string describe(const Exchange& exchange, const Ledger& ledger);

/// Enters the moves into the ledger and gives them, with `reason`.
[[nodiscard]] std::vector<Move> carry_out(Ledger& ledger, const Exchange& exchange,
                                          const std::string& reason);

}  // namespace plimsoll
