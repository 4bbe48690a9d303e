#pragma once

#include <functional>

#include "orchestrate/move_record.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Carries out what the machine says. Each act looks, acts if it must, and looks again: done means
/// that it was read back. Acts may write what they learn (ids, the old restart policy, figures)
/// into the record; the driver keeps it.
class MoveActs {
 public:
  virtual ~MoveActs() = default;
  /// A few words on what was done, with figures, for the history.
  [[nodiscard]] virtual Task<Result<std::string>> perform(Act act, MoveRecord* record) = 0;
};

/// Told how a transfer goes: bytes so far in this act.
using TransferProgress = std::function<void(const MoveRecord&, Act, Bytes)>;

/// Labels on everything a move makes.
inline constexpr const char* move_id_label = "plimsoll.move.id";
inline constexpr const char* move_role_label = "plimsoll.move.role";
inline constexpr const char* move_epoch_label = "plimsoll.move.epoch";

}  // namespace plimsoll
