#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace plimsoll {

/// What a source may ask of `hand receive`.
struct ReceivedCommand {
  enum class Kind { ping, image, rsync };
  Kind kind = Kind::ping;
  std::vector<std::string> words;  ///< For rsync: the program's arguments, checked one by one.
  std::string folder;              ///< For rsync: the one it fills, without a '/' at its end.
  /// For rsync: the sender may name absolute paths, so the kernel must keep it in the folder.
  bool names_paths = false;
};

/// Reads SSH_ORIGINAL_COMMAND, which comes from the other host, without any shell: plain words,
/// single spaces. Allowed are "plimsoll-ping", "plimsoll-image", and rsync's own server side as a
/// receiver, with flags known to be harmless, into one of `folders`.
///
/// Errors: refused - anything else, and why.
/// Source: options.c of rsync 3.2, server_options(); docs/decisions/0068.
[[nodiscard]] Result<ReceivedCommand> parse_received_command(
    std::string_view text, const std::vector<std::string>& folders);

}  // namespace plimsoll
