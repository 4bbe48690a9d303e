#pragma once

#include <string>

#include "move/move_state.h"
#include "orchestrate/move_record.h"

namespace plimsoll {

/// What an act of a move was predicted to send. 0: nothing, or not known beforehand.
[[nodiscard]] Bytes expected_bytes(const MoveRecord& record, Act act);

/// A transfer under way, for people: "12 MiB of ~22 MiB, 4.0 MiB/s, 3 s left". The rate is the mean
/// since it began; how much is left is said while less than expected has gone over.
[[nodiscard]] std::string progress_text(Bytes done, Bytes expected, Duration since_start);

}  // namespace plimsoll
