#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"
#include "core/result.h"
#include "core/time.h"

namespace plimsoll {

/// One key that may do one thing for a while.
struct KeyGrant {
  MoveId move;
  std::string public_key;         ///< "ssh-ed25519 AAAA…"; a comment behind it is left out.
  std::vector<std::string> from;  ///< Addresses it may come from; at least one.
  std::string command;            ///< The forced command.
  TimePoint until;
};

/// The grant's line, without its end.
/// Errors: invalid - not an ed25519 key, no address, or a word that needs quoting.
[[nodiscard]] Result<std::string> authorized_line(const KeyGrant& grant);

/// Whether a line is one that authorized_line makes for this move.
[[nodiscard]] bool is_line_of(std::string_view line, const MoveId& move);

/// The file's text without the lines of a move, and with `line` at its end where it is not empty.
/// All else stays, byte for byte.
[[nodiscard]] std::string with_line_of(std::string_view text, const MoveId& move,
                                       std::string_view line);

}  // namespace plimsoll
