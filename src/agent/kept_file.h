#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// How many descriptors may stay open between reads. Outlives the KeptFiles that draw on it.
///
/// Thread: one at a time, together with them.
class OpenFiles {
 public:
  explicit OpenFiles(std::size_t most) : left_(most) {}
  [[nodiscard]] bool take() {
    if (left_ == 0) return false;
    --left_;
    return true;
  }
  void give_back() { ++left_; }

 private:
  std::size_t left_;
};

/// Where files are read into, one after the other; it grows to the longest of them.
class ReadBuffer {
 public:
  ReadBuffer();

 private:
  friend class KeptFile;
  std::vector<char> bytes_;
};

/// A file of /proc, /sys or a cgroup tree that is read again and again: it stays open where it can,
/// since opening costs more than reading. With no descriptor left it is opened for each read.
///
/// A cgroup that was removed, and a process that ended, fail the read after; the one after that
/// looks for the path anew.
class KeptFile {
 public:
  /// No file: every read gives nothing.
  KeptFile() = default;
  KeptFile(std::string path, OpenFiles& open_files);
  ~KeptFile() { close(); }
  KeptFile(KeptFile&& other) noexcept;
  KeptFile& operator=(KeptFile&& other) noexcept;
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;

  /// The whole text, cut at 4 MiB; valid until the next read into the same buffer. Nothing where it
  /// cannot be read.
  [[nodiscard]] std::optional<std::string_view> read(ReadBuffer& buffer);

  /// Gives the descriptor back; the next read opens the path anew.
  void close();

 private:
  [[nodiscard]] bool open();

  std::string path_;
  OpenFiles* open_files_ = nullptr;
  int fd_ = -1;
  bool kept_ = false;
};

}  // namespace plimsoll
