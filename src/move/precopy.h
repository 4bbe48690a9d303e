#pragma once

#include <optional>
#include <vector>

#include "core/time.h"
#include "core/units.h"

namespace plimsoll {

/// What one round of copying ahead did, while the source went on writing.
struct PrecopyRound {
  Bytes sent{};         ///< Of the workload's data, before any compression on the wire.
  Duration duration{};  ///< From its first look at the files to its last byte.
  /// What was written since the round began, as far as known: what the next one would send.
  std::optional<Bytes> written_since;
};

/// When copying ahead stops.
struct PrecopyRules {
  /// Source: MIGRATION, "Precopied(n)"; P.Haul stops after 8 too (PEERS 1.2).
  int rounds_max = 8;
  /// A rest that is not worth a round. Source: P.Haul's 1 MiB of file-system delta.
  Bytes small{mib};
  /// A round has to be smaller than this share of the one before it. P.Haul stops at growth beyond
  /// 10 %; chosen by us: a tenth less, since each round also costs the source reads and the link
  /// bytes.
  double shrink = 0.9;
};

/// Whether a further round would shorten the stop: after the last one of `rounds`, oldest first.
[[nodiscard]] bool another_round(const std::vector<PrecopyRound>& rounds,
                                 const PrecopyRules& rules = {});

/// What the last sync, while the source stands still, will have to send, and how long it takes at
/// the rate of the rounds so far. Zero without a round: nothing is known.
struct FinalDelta {
  Bytes bytes{};
  Duration duration{};
};
[[nodiscard]] FinalDelta expected_final_delta(const std::vector<PrecopyRound>& rounds);

}  // namespace plimsoll
