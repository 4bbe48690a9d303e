#pragma once

#include <optional>
#include <string>

#include "decide/fleet.h"
#include "decide/policy.h"
#include "orchestrate/move_record.h"

namespace plimsoll {

/// Why nothing may start by itself now, or not from this host: figures are too old. Absent: they
/// are not, or a person asked for it.
[[nodiscard]] std::optional<std::string> silence_at_start(const FleetSnapshot& fleet,
                                                          const Policy& policy, TimePoint now,
                                                          const MoveRecord& record);

/// What a move that has waited is held against.
enum class Judgement {
  as_planned,
  /// For one of several that make room for each other. Units, and what a person asked for, are
  /// judged so in any case.
  impossible_only,
};

/// Why a move that has waited is not to be begun any more: it is decided again, on the fleet as it
/// is now, for the same containers and the same two hosts. Absent: it may begin.
[[nodiscard]] std::optional<std::string> refusal_at_start(FleetSnapshot fleet, const Policy& policy,
                                                          TimePoint now, const MoveRecord& record,
                                                          Judgement judgement);

}  // namespace plimsoll
