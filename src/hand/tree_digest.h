#pragma once

#include <optional>
#include <vector>

#include "core/units.h"
#include "hand/hand_context.h"
#include "hand/sha256.h"
#include "hand/tree_walk.h"

namespace plimsoll {

struct DigestOptions {
  /// Where what was read is remembered, so that the next digest reads only what changed; empty for
  /// nowhere.
  std::filesystem::path cache;
  /// Somebody may write meanwhile: what changes while it is read is counted, not an error, and the
  /// file system is synced first, since a store through a mapping changes no time while its page is
  /// dirty already.
  bool live = false;
  unsigned threads = 2;
  TreeLimits limits;
  /// List what is in this folder of the tree, with a digest each; absent: nothing.
  std::optional<std::string> list;
};

struct ListedEntry {
  std::string name;
  Sha256Sum sum{};  ///< Over the entry and all below it.
};

struct TreeDigest {
  Sha256Sum sum{};
  std::uint64_t entries = 0;
  Bytes bytes{};              ///< Of all regular files, hard links once.
  Bytes read{};               ///< Of them, what the cache did not know.
  std::uint64_t changed = 0;  ///< Files that changed while they were read, or vanished.
  double seconds = 0;
  std::vector<ListedEntry> listed;
};

/// SHA-256 over all of a tree that must arrive at the other host: names, kinds, modes, owners,
/// times of modification to the nanosecond, extended attributes with POSIX ACLs, targets of
/// symbolic links, which names are one file, device numbers, contents. Not over access and change
/// times, sizes of folders, nor attributes that belong to a mount (trusted.overlay.origin, impure,
/// uuid); of a whiteout only that it is one. Equal digests, equal trees.
/// Errors: as walk_tree; io - a file that cannot be read, or changed meanwhile although nobody
/// should write. Blocks: on the disk.
[[nodiscard]] Result<TreeDigest> digest_tree(const std::filesystem::path& root,
                                             const DigestOptions& options);

/// Where a move remembers what it has read of a folder.
[[nodiscard]] std::filesystem::path digest_cache_file(const HandContext& context,
                                                      const std::string& folder);

struct TreeUsage {
  std::uint64_t entries = 0;
  std::uint64_t files = 0;
  Bytes bytes{};            ///< Of all regular files, hard links once.
  Bytes disk{};             ///< Blocks of everything, hard links once: holes are not counted.
  Bytes largest{};          ///< The largest file.
  bool hard_links = false;  ///< Some regular file has two names in the tree or beyond it.
};

/// Errors: as walk_tree. Blocks: on the disk.
[[nodiscard]] Result<TreeUsage> tree_usage(const std::filesystem::path& root,
                                           const TreeLimits& limits);

}  // namespace plimsoll
