#pragma once

#include <string>

#include "hand/hand_context.h"

namespace plimsoll {

/// What a granted key runs, whatever it asked for: `asked` is SSH_ORIGINAL_COMMAND. The fence, the
/// grant and its time are looked at before, and while it runs: once one of them says no, it ends.
/// Gives the exit code; what was refused is said on standard error and in the move's folder.
///
/// Blocks: until the command has ended.
[[nodiscard]] int receive(const HandContext& context, const std::string& asked);

}  // namespace plimsoll
