#pragma once

#include <string>
#include <vector>

#include "move/move_state.h"

namespace plimsoll {

/// What hooks call an act: the first word of its name, "stop".
[[nodiscard]] std::string hook_phase(Act act);

/// All names that HookConfig::at may have: "pre_" and "post_" with each phase, and "post_rollback".
[[nodiscard]] std::vector<std::string> hook_phases();

}  // namespace plimsoll
