#pragma once

#include <filesystem>

#include "core/result.h"

namespace plimsoll {

/// An advisory lock on a file, held until the end of its life, also by a process that dies.
class FileLock {
 public:
  /// Makes the file when missing.
  /// Errors: conflict - another process (or another FileLock of ours) holds it; io.
  [[nodiscard]] static Result<FileLock> try_lock(const std::filesystem::path& file);
  /// The same, waiting until whoever holds it lets go. Errors: io. Blocks: until then.
  [[nodiscard]] static Result<FileLock> wait_for(const std::filesystem::path& file);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

 private:
  static Result<FileLock> take(const std::filesystem::path& file, int operation);
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace plimsoll
