#pragma once

#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "core/units.h"

namespace plimsoll {

/// A source that a move has left behind, stopped, on its old host.
struct RetiredSource {
  MoveId move;
  HostId host;
  TimePoint retired_at;
  Bytes size{};  ///< Its writable layer and the volumes that are its alone.
  /// A move in the other direction (`undo`) is under way or quarantined: what it may need stays.
  bool held = false;
};

struct RetentionRules {
  Duration keep = std::chrono::hours{24};
  /// What retired sources may take of one host's disk; the oldest go first. Zero: no bound.
  Bytes per_host{};
};

/// The moves whose retired source is to be cleaned now, oldest first (MIGRATION, I3 and Cleaned).
[[nodiscard]] std::vector<MoveId> to_clean(std::vector<RetiredSource> retired,
                                           const RetentionRules& rules, TimePoint now);

}  // namespace plimsoll
