#pragma once

#include "hand/hand_context.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Leaves nothing of the order's move on this host but the fence's record: its lease, its grants,
/// its stub unless `keep_stub`, its folder. Again and again is fine.
/// Errors: io - the first thing that could not be removed; the others are.
[[nodiscard]] Task<Result<void>> clean_move(const HandContext* context, bool keep_stub);

}  // namespace plimsoll
