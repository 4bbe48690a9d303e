#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

enum class FolderSeen { change, nothing };

/// Waits for something to happen to one file of a folder, also for its replacement as a whole.
/// Thread: used from its executor only.
class FolderWatch {
 public:
  /// Where inotify cannot be had, each wait ends with its time.
  FolderWatch(const asio::any_io_executor& executor, const std::filesystem::path& file);

  /// Until the file was written and closed, moved to or removed, at most for `at_most`.
  [[nodiscard]] Task<FolderSeen> wait(Duration at_most);

 private:
  void listen(const std::filesystem::path& folder);
  /// Takes all that is there; whether some of it is about our file.
  bool drain();

  std::string name_;
  std::unique_ptr<asio::posix::stream_descriptor> inotify_;
};

}  // namespace plimsoll
