#pragma once

#include <optional>
#include <string>
#include <variant>

#include "decide/fleet.h"
#include "decide/ledger.h"
#include "decide/plan.h"

namespace plimsoll {

/// A container looking for a host.
struct Traveller {
  const ContainerState* container = nullptr;
  std::size_t from = 0;
  MoveMemory memory;
  Demand demand;  ///< Without storage, which differs from host to host.
};
[[nodiscard]] Traveller traveller(const Ledger& ledger, const ContainerState& container,
                                  std::size_t from);

/// Why a host may not take a container. Cheap to make; describe() turns it into words.
struct Refusal {
  Rule rule{};
  double would = 0;
  double may = 0;
};

/// A host that may take it.
struct Offer {
  Prediction predicted;
  double level_after = 0;
};

/// Which rules hold.
struct Strictness {
  bool limits = true;  ///< Moves at once, return to a host just left.
  bool force = false;  ///< Rules that may_be_forced() are passed over.
  /// Up to its line, not its target: for a host that gives again right afterwards.
  bool to_the_line = false;
  /// CPU is judged by the caller, see by_spread.h.
  bool cpu_by_spread = false;
};

/// Whether a host's CPU lies below its line and is expected over it one window ahead, by more than
/// such forecasts have been off.
[[nodiscard]] bool rises_over_line(const HostBook& book, const Policy& policy);

/// Whether host `to` may take the traveller once everything in the ledger has landed.
[[nodiscard]] std::variant<Offer, Refusal> judge(const Ledger& ledger, const Traveller& traveller,
                                                 std::size_t to, Strictness strictness);

/// The refusal for people: "memory would be at 92.0 %, target 76.5".
[[nodiscard]] std::string describe(const Refusal& refusal, const Ledger& ledger,
                                   const Traveller& traveller, std::size_t to);

}  // namespace plimsoll
