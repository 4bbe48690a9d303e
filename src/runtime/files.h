#pragma once

#include <cstddef>
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

/// The first line of a file that holds a secret, trimmed.
/// Errors: as read_file; invalid - empty.
[[nodiscard]] Result<std::string> read_secret(const std::filesystem::path& path);

}  // namespace plimsoll
