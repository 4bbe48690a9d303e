#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "inventory/host_list_diff.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Is told of edits. Called on the executor that runs HostFile::watch.
class HostListListener {
 public:
  virtual ~HostListListener() = default;
  /// `diff` is never empty.
  virtual void hosts_changed(const HostList& hosts, const HostListDiff& diff) = 0;
};

/// host.csv, live. The list in force is the newest that could be read: a file that does not parse,
/// or is gone, changes nothing but problem() and the log.
/// Thread: used from one executor.
class HostFile {
 public:
  /// Reads the file. Blocks: on the disk.
  /// Errors: as read_file and parse_host_list.
  [[nodiscard]] static Result<HostFile> open(std::filesystem::path path);
  ~HostFile();
  HostFile(HostFile&&) noexcept;
  HostFile& operator=(HostFile&&) = delete;

  [[nodiscard]] const HostList& hosts() const;
  /// Why the file as it is now is not in force; empty when it is.
  [[nodiscard]] const std::string& problem() const;

  /// Tells `listener` of each edit within 1 s, until cancelled: at once where inotify works on the
  /// file's folder, else by looking at the file four times a second.
  /// Requires: the file and the listener outlive it.
  [[nodiscard]] Task<> watch(HostListListener* listener);

 private:
  class Impl;
  explicit HostFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
