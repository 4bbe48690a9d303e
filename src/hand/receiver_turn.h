#pragma once

#include <filesystem>
#include <string>

#include "core/time.h"
#include "runtime/file_lock.h"

namespace plimsoll {

/// Who fills one folder of the destination: the newest, alone.
///
/// When a connection is cut, the receiving rsync lives on for as long as its sshd does, and then
/// puts what it has of a file in the place of whatever is there by then. So who comes next takes
/// the turn, the one before sees that and ends, and only then the next one begins.
class ReceiverTurn {
 public:
  /// Takes the turn and waits until the one before has let go of it.
  /// Errors: timeout - it has not within `patience`; io. Blocks: until then.
  [[nodiscard]] static Result<ReceiverTurn> take(const std::filesystem::path& move_folder,
                                                 const std::string& folder, Duration patience);

  /// False once somebody else has taken it: end what fills the folder (SIGTERM first, so that
  /// rsync keeps what has come), then let this object go. To be asked a few times a second.
  [[nodiscard]] bool is_mine() const;

 private:
  ReceiverTurn(std::filesystem::path file, std::string mine, FileLock lock)
      : file_(std::move(file)), mine_(std::move(mine)), lock_(std::move(lock)) {}

  std::filesystem::path file_;
  std::string mine_;
  FileLock lock_;
};

}  // namespace plimsoll
