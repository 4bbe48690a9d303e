#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "hand/tree_send.h"

namespace plimsoll {

/// What one run of rsync is to do beyond its pair.
struct RsyncRun {
  bool compress = false;
  bool checksum = false;
  bool in_place = false;
  /// Only the files whose names, each ended by '\0', come on standard input, and those whatever
  /// their sizes and times say; nothing is deleted.
  bool only_listed = false;
  Bytes limit{};  ///< A second; 0 is none.
  Duration stall{30'000};
};

/// rsync's words for one pair.
/// Errors: invalid - a path that we would not hand to a shell.
[[nodiscard]] Result<std::vector<std::string>> rsync_words(const SshWay& way, const TreePair& pair,
                                                           const RsyncRun& run);

/// How a run of rsync ended. `final`: nothing may have vanished or changed meanwhile.
/// Gives whether it is incomplete.
/// Errors: not_found - no rsync at the destination; unreachable, timeout, refused, unauthorized,
/// io - with its own words.
/// Source: rsync(1), EXIT VALUES.
[[nodiscard]] Result<bool> judge_rsync(int exit_code, std::string_view words, bool final);

}  // namespace plimsoll
