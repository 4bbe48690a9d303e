#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/result.h"

namespace plimsoll {

/// One thing in a tree.
struct TreeEntry {
  std::string path;  ///< From the tree's root, "" for the root itself. Any bytes but '\0'.
  std::uint64_t device = 0, inode = 0, links = 0, special = 0;  ///< special: a device's number.
  std::uint64_t bytes = 0, disk_bytes = 0;
  std::uint32_t mode = 0, owner = 0, group = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;

  [[nodiscard]] bool is_file() const;
  [[nodiscard]] bool is_folder() const;
  [[nodiscard]] bool is_link() const;  ///< A symbolic one.
  /// overlayfs's mark that a name of a lower layer is gone (a character device 0:0).
  [[nodiscard]] bool is_whiteout() const;
};

struct TreeLimits {
  std::size_t entries_max = 5'000'000;
  std::size_t depth_max = 400;  ///< Each level holds a file descriptor.
};

/// Where an entry is: `name` in the folder that is open as `folder`.
struct TreePlace {
  int folder = -1;
  const char* name = nullptr;
};

using TreeVisitor = std::function<Result<void>(TreeEntry entry, TreePlace place)>;

/// Visits the root and all below it, a folder before what is in it, names in the order of their
/// bytes. Follows no symbolic link. What vanishes meanwhile is left out.
/// Errors: not_found - no such folder; too_large; io; the visitor's. Blocks: on the disk.
[[nodiscard]] Result<void> walk_tree(const std::filesystem::path& root, const TreeLimits& limits,
                                     const TreeVisitor& visit);

/// The entry of what is open.
/// Errors: io.
[[nodiscard]] Result<TreeEntry> entry_of(int descriptor);

}  // namespace plimsoll
