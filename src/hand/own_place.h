#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "hand/hand_context.h"

namespace plimsoll {

/// Raised when an act changes so that an older orchestrator would misunderstand it.
inline constexpr int hand_protocol = 1;

/// How an executable is called where the orchestrator has put it: "plimsoll-" and 16 hex digits.
[[nodiscard]] bool is_hand_name(std::string_view name);

/// Where this executable is such a one: removes its older siblings but the two newest. What cannot
/// be removed stays.
void remove_older_hands();
/// The same for a folder; `self` stays in any case.
void remove_older_hands(const std::filesystem::path& folder, const std::string& self);

/// What was asked for: `in_hex`, where there is something, else the variable's text.
[[nodiscard]] std::string asked_command(const std::string& original, const std::string& in_hex);
[[nodiscard]] std::string to_hex(std::string_view text);

/// Runs `hand receive` once more as root, by sudo, in this process's place. Returns only where that
/// fails: the exit code then.
[[nodiscard]] int become_root(const HandContext& context, const std::string& asked);

}  // namespace plimsoll
