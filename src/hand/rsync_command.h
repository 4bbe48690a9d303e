#pragma once

#include <string>
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

}  // namespace plimsoll
