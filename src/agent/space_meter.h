#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/host_fs.h"

namespace plimsoll {

/// A place whose file system is asked for its space.
struct SpaceQuestion {
  std::string key;  ///< Tells this mount from another one at the same place, before or after it.
  std::string path;
  bool may_hang = false;  ///< A remote file system, or a program's (FUSE).
};

/// Asks file systems for their space, on a thread of its own: one that hangs (NFS, FUSE, a broken
/// disk) holds whoever asks it. A question still without an answer in a later round hangs: its
/// thread is left to it, the mount is not asked again until that thread is back, and another thread
/// goes on. So each mount holds one thread at most, all of them together `hanging_max`; when that
/// many hang, those that may are no longer asked.
class SpaceMeter {
 public:
  using Ask = std::function<std::optional<Space>(const std::string& path)>;
  static constexpr std::size_t hanging_max = 16;
  /// For how many rounds the last answer of a local one is shown while the next is awaited: a disk
  /// that is busy is no file system that is gone. Ours.
  static constexpr int rounds_kept = 30;
  static constexpr std::chrono::milliseconds default_hangs_after{50};

  /// `hangs_after`: how long a question may take at least.
  explicit SpaceMeter(Ask ask, std::chrono::milliseconds hangs_after = default_hangs_after);
  /// Waits for no thread that hangs.
  ~SpaceMeter();
  SpaceMeter(const SpaceMeter&) = delete;
  SpaceMeter& operator=(const SpaceMeter&) = delete;

  /// The last answer to each question, by key: mostly that of the round before. Only one that was
  /// never answered and should not hang is waited for, `patience` at most.
  ///
  /// Blocks: for `patience` at most.
  [[nodiscard]] std::map<std::string, Space> ask(const std::vector<SpaceQuestion>& questions,
                                                 std::chrono::milliseconds patience);

  /// Paths that did not answer in the last round, and of which no answer is shown.
  [[nodiscard]] std::vector<std::string> hanging() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace plimsoll
