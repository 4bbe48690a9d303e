#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "spool/spool_fs.h"

namespace plimsoll {

/// A file descriptor with an owner.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  ~OwnedFd();
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.release()) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  int release();

 private:
  int fd_ = -1;
};

/// A folder of the disk, locked against other processes as long as the object lives; the kernel
/// unlocks it for a process that was killed.
class DiskFs final : public SpoolFs {
 public:
  /// Makes the folder where it is missing, for its owner only.
  /// Errors: conflict - another process has it, which the message names; io - it cannot be made or
  ///         written to.
  [[nodiscard]] static Result<std::unique_ptr<DiskFs>> open(const std::filesystem::path& folder);

  [[nodiscard]] Result<std::vector<SpoolFile>> list() override;
  [[nodiscard]] Result<std::string> read(const std::string& name, std::uint64_t offset,
                                         std::size_t bytes) override;
  [[nodiscard]] Result<void> append(const std::string& name, std::string_view text) override;
  [[nodiscard]] Result<void> sync(const std::string& name) override;
  [[nodiscard]] Result<void> replace(const std::string& name, std::string_view text) override;
  [[nodiscard]] Result<void> truncate(const std::string& name, std::uint64_t bytes) override;
  [[nodiscard]] Result<void> remove(const std::string& name) override;
  [[nodiscard]] std::string describe() const override { return folder_.string(); }

 private:
  /// The last file of each kind of use stays open: the next call is mostly for it.
  struct OpenFile {
    std::string name;
    OwnedFd fd;
  };

  DiskFs(std::filesystem::path folder, OwnedFd directory, OwnedFd lock)
      : folder_(std::move(folder)), directory_(std::move(directory)), lock_(std::move(lock)) {}

  Result<int> open_file(OpenFile& file, const std::string& name, int flags) const;
  void close_file(const std::string& name);
  [[nodiscard]] Error failed(const std::string& name, const char* what, int error) const;

  std::filesystem::path folder_;
  OwnedFd directory_;
  OwnedFd lock_;
  OpenFile appended_, read_;
};

}  // namespace plimsoll
