#pragma once

#include <filesystem>

#include "core/time.h"
#include "inventory/folder_watch.h"
#include "runtime/asio.h"
#include "runtime/files.h"

namespace plimsoll {

/// Waits for a file to change, whether it is written to, replaced, made or removed: at once where
/// inotify works on its folder, else by looking at it four times a second. A file half written is
/// not taken for a change before it was closed, or lay still for a look.
/// Thread: used from its executor only.
class FileWatch {
 public:
  /// What the file is like now is known; changes are those from here on.
  FileWatch(const asio::any_io_executor& executor, std::filesystem::path file);

  /// Until the file has changed. False: cancelled, which does not throw.
  [[nodiscard]] Task<bool> wait();

 private:
  std::filesystem::path file_;
  FolderWatch folder_;
  FileStamp known_;
};

}  // namespace plimsoll
