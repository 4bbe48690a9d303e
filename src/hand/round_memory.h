#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/units.h"
#include "hand/tree_walk.h"

namespace plimsoll {

/// What one live round leaves for the next about a folder.
///
/// A store through a mapping changes a file's times once, and not again until its page has been
/// written out. So a file that was stored to shortly before rsync read it may go on changing with
/// the times that rsync saw: `fresh` names those.
struct RoundMemory {
  struct Fresh {
    std::string path;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Fresh&, const Fresh&) = default;
  };
  /// Files had several names in this round or one before. Writing in place is not safe then: the
  /// destination may have names together that are apart here by now.
  bool hard_links = false;
  Bytes largest{};
  std::vector<Fresh> fresh;
};

/// Walks the folder. Fresh is what changed at `fresh_since_ns` or later.
/// Errors: as walk_tree. Blocks: on the disk.
[[nodiscard]] Result<RoundMemory> remember_round(const std::filesystem::path& folder,
                                                 std::int64_t fresh_since_ns);

/// Of `fresh`, those that look as they did: rsync's comparison of sizes and times would pass them
/// over. Blocks: on the disk.
[[nodiscard]] std::vector<std::string> suspects(const std::filesystem::path& folder,
                                                const std::vector<RoundMemory::Fresh>& fresh);

/// Errors: io. Blocks: on the disk.
[[nodiscard]] Result<void> save_round(const std::filesystem::path& file, const RoundMemory& memory);
/// Errors: not_found - there was no round; malformed.
[[nodiscard]] Result<RoundMemory> load_round(const std::filesystem::path& file);

/// The clock that stamps files, less what it may lag behind.
[[nodiscard]] std::int64_t surely_past_ns();
/// Writes out what is dirty on the folder's file system, so that the next store to any page of a
/// mapping changes its file's times again.
/// Errors: not_found, io. Blocks: on the disk.
[[nodiscard]] Result<void> sync_file_system(const std::filesystem::path& folder);

}  // namespace plimsoll
