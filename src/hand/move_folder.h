#pragma once

#include <string>
#include <vector>

#include "hand/hand_context.h"

namespace plimsoll {

/// Makes the order's folder, mode 0700, in a run folder that others may pass but not list.
/// Errors: io; invalid - the move's id is none.
[[nodiscard]] Result<void> make_move_folder(const HandContext& context);

/// The words that hand an order on to another process of ours: `hand ACT --move … …`.
[[nodiscard]] std::vector<std::string> words_for_hand(const HandContext& context, std::string act);

/// Eight hex digits that nobody else has.
[[nodiscard]] Result<std::string> fresh_tag();

}  // namespace plimsoll
