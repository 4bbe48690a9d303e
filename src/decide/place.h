#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "decide/feasible.h"
#include "decide/ledger.h"
#include "decide/plan.h"

namespace plimsoll {

/// Where a container may go.
struct Placement {
  std::optional<std::size_t> to;  ///< Absent: no host may take it.
  Prediction predicted;
  std::size_t feasible = 0;         ///< Hosts that may take it.
  std::size_t equally_quick = 0;    ///< Of these, as quick as the quickest: balance decided.
  std::vector<Verdict> considered;  ///< The chosen one, the feasible ones, then the refused ones.
  std::size_t considered_more = 0;  ///< Left out of `considered`.
};

/// What to look for.
struct Search {
  Strictness strictness;
  std::optional<std::size_t> only;                   ///< This destination and no other.
  std::optional<std::size_t> except = std::nullopt;  ///< All but this one.
};

/// The host that can take the traveller in the least predicted transmission time; among equally
/// quick ones the one that lies highest afterwards; among these the first by name.
[[nodiscard]] Placement place(const Ledger& ledger, const Traveller& traveller,
                              const Search& search);

/// Verdicts on one line: "h2: it is drained; h4: CPU would be at 95.0 %, target 72; 3 more".
[[nodiscard]] std::string summarise_refusals(const Placement& placement);
[[nodiscard]] std::string summarise_refusals(const std::vector<Verdict>& considered,
                                             std::size_t more);

}  // namespace plimsoll
