#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

/// A whole regular file.
/// Errors: not_found, too_large - longer than `bytes_max`, io; messages start with the path.
/// Blocks: on the disk.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::size_t bytes_max = 16U << 20);

/// Replaces a file at once: readers see the old text or the new, also after a power failure.
/// Errors: io. Blocks: until the data is on disk.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path,
                                                 std::string_view text, unsigned mode = 0644);

/// What tells one content of a file from the next without reading it; all 0 where there is none.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, bytes = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] FileStamp file_stamp(const std::filesystem::path& path);

/// The first line of a file that holds a secret, trimmed.
/// Errors: as read_file; invalid - empty.
[[nodiscard]] Result<std::string> read_secret(const std::filesystem::path& path);

}  // namespace plimsoll
