#pragma once

#include <filesystem>

#include "core/time.h"
#include "runtime/file_lock.h"

namespace plimsoll {

/// The right to fill one folder of the destination: one run of rsync at a time.
///
/// When a connection is cut, the other side of a run lives on until it has heard nothing for its
/// own time-out, and then puts what it has of a file in the place of whatever is there by then. So
/// the next run waits until that is over.
class PairClaim {
 public:
  /// Errors: conflict - another process of ours is at it; io.
  [[nodiscard]] static Result<PairClaim> take(const std::filesystem::path& file);

  /// How long the other side of an earlier run may live yet; counted from
  /// now where nobody noted its end.
  [[nodiscard]] Duration patience(Duration stall) const;
  /// A run begins. Errors: io.
  [[nodiscard]] Result<void> begin() const;
  /// The run has ended on both sides.
  void end() const;
  /// The run has ended here; there it may live on, for twice `stall` at most.
  void cut(Duration stall) const;

 private:
  PairClaim(std::filesystem::path file, FileLock lock)
      : file_(std::move(file)), lock_(std::move(lock)) {}

  std::filesystem::path file_;
  FileLock lock_;
};

}  // namespace plimsoll
