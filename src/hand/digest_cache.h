#pragma once

#include <filesystem>
#include <unordered_map>

#include "hand/sha256.h"
#include "hand/tree_walk.h"

namespace plimsoll {

/// What is known of an entry besides what stat says.
struct KnownEntry {
  Sha256Sum attributes{};  ///< Its extended attributes.
  Sha256Sum contents{};    ///< Of a regular file.
};

/// What earlier digests of a tree read, by what stat said then: device, inode, size, times of
/// modification and change. A store is forgotten nowhere: each changes the time of change, but for
/// stores too near to the reading, which `trusted_before` leaves out.
///
/// Thread: reading may be shared.
class DigestCache {
 public:
  /// What the file holds; nothing where it is missing, cut or another format's.
  /// Blocks: on the disk.
  [[nodiscard]] static DigestCache load(const std::filesystem::path& file);

  [[nodiscard]] const KnownEntry* find(const TreeEntry& entry) const;
  /// Remembers it, unless it changed at `trusted_before_ns` or later.
  void keep(const TreeEntry& entry, const KnownEntry& known, std::int64_t trusted_before_ns);
  /// Replaces the file; readers see the old or the new. Errors: io. Blocks: on the disk.
  [[nodiscard]] Result<void> save(const std::filesystem::path& file) const;
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  struct Key {
    std::uint64_t device = 0, inode = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.inode * 31 + key.device; }
  };
  struct Record {
    Key key;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    KnownEntry known;
  };
  static_assert(sizeof(Record) == 104, "it is written as it is: no holes");

  std::unordered_map<Key, Record, KeyHash> known_;
};

}  // namespace plimsoll
