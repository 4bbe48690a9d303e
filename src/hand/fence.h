#pragma once

#include "core/result.h"
#include "hand/hand_context.h"
#include "runtime/file_lock.h"

namespace plimsoll {

/// What this host remembers of who may act on it (MIGRATION I5): its owner, and for each move the
/// highest epoch seen. Kept in files, so that it holds across processes and reboots.
///
/// Source: docs/decisions/0028
/// Blocks: on the disk, and until another order's admission is over.
class Fence {
 public:
  explicit Fence(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Lets the order act: it becomes the newest one of its move.
  /// Errors: refused - the move has a newer epoch, or the host obeys another owner (and the order
  /// does not say that it takes over); io.
  [[nodiscard]] Result<void> admit(const Order& order);
  /// Whether the order may still act: for long acts, between their parts. Errors: as admit.
  [[nodiscard]] Result<void> check(const Order& order) const;
  /// The same, and no newer order is admitted while the lock lives: for a deed that must not
  /// outlast its order. Errors: as admit. Blocks: until another admission is over.
  [[nodiscard]] Result<FileLock> hold(const Order& order) const;
  /// Forgets a move that has ended; its owner stays.
  void forget(const MoveId& move);

 private:
  [[nodiscard]] Result<void> judge(const Order& order) const;

  std::filesystem::path folder_;
};

}  // namespace plimsoll
