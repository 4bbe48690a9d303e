#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "spool/spool_fs.h"

namespace plimsoll::test {

/// Thrown in the middle of a call of SimulatedFs: the program is no more.
struct Killed {};

/// A disk with one folder, which outlasts the programs that use it. By its seed it tears writes,
/// loses what was not synced, and is full for a while.
class SimulatedDisk {
 public:
  struct File {
    std::string bytes;
    std::size_t synced = 0;
  };
  /// What has just become of a file; `offset` of an append's first byte.
  struct Listener {
    std::function<void(const std::string& name, std::size_t offset, std::string_view bytes)>
        appended;
    std::function<void(const std::string& name)> removed;
  };

  explicit SimulatedDisk(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : random_() % limit; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

  /// After so many calls that write, the program is killed in the middle of one; nothing: never.
  void kill_after(std::optional<std::size_t> calls) { calls_left_ = calls; }
  void set_full(bool full) { full_ = full; }

  /// Everything that was not synced may be cut off, or be zeros.
  void fail_power() {
    for (auto& [name, file] : files) {
      const auto size = file.bytes.size();
      const auto synced = std::min(file.synced, size);
      const auto kept = synced + below(size - synced + 1);
      file.bytes.resize(kept);
      if (chance(30)) file.bytes.resize(size, '\0');
    }
  }

  Result<void> append(const std::string& name, std::string_view bytes) {
    const bool kill = is_last_call();
    File& file = files[name];
    const auto offset = file.bytes.size();
    if (kill || full_) {
      file.bytes += bytes.substr(0, below(bytes.size()));
      if (kill) throw Killed{};
      return Error{Errc::io, name + ": cannot write: No space left on device"};
    }
    file.bytes += bytes;
    listener.appended(name, offset, bytes);
    return {};
  }
  Result<void> replace(const std::string& name, std::string_view bytes) {
    const bool kill = is_last_call();
    if (kill && chance(50)) {
      files[name + ".new"].bytes = bytes.substr(0, below(bytes.size()));
      throw Killed{};
    }
    if (full_) return Error{Errc::io, name + ": cannot write: No space left on device"};
    files[name].bytes = bytes;
    files[name].synced = 0;
    if (kill) throw Killed{};
    return {};
  }
  Result<void> remove(const std::string& name) {
    const bool kill = is_last_call();
    if (kill && chance(50)) throw Killed{};
    if (files.erase(name) > 0) listener.removed(name);
    if (kill) throw Killed{};
    return {};
  }
  Result<void> truncate(const std::string& name, std::uint64_t bytes) {
    if (is_last_call()) throw Killed{};
    if (chance(20)) return Error{Errc::io, name + ": cannot shorten: Input/output error"};
    files[name].bytes.resize(bytes);
    return {};
  }
  Result<void> sync(const std::string& name) {
    if (is_last_call()) throw Killed{};
    files[name].synced = files[name].bytes.size();
    return {};
  }

  std::map<std::string, File> files;
  Listener listener{[](const auto&, auto, auto) {}, [](const auto&) {}};

 private:
  bool is_last_call() {
    if (!calls_left_) return false;
    if (*calls_left_ == 0) return true;
    --*calls_left_;
    return false;
  }

  std::mt19937_64 random_;
  std::optional<std::size_t> calls_left_;
  bool full_ = false;
};

/// One program's view of it.
class SimulatedFs final : public SpoolFs {
 public:
  explicit SimulatedFs(SimulatedDisk& disk) : disk_(disk) {}

  Result<std::vector<SpoolFile>> list() override {
    std::vector<SpoolFile> files;
    files.reserve(disk_.files.size());
    for (const auto& [name, file] : disk_.files) files.push_back({name, file.bytes.size()});
    std::reverse(files.begin(), files.end());  // a folder has no order
    return files;
  }
  Result<std::string> read(const std::string& name, std::uint64_t offset,
                           std::size_t bytes) override {
    const auto found = disk_.files.find(name);
    if (found == disk_.files.end()) return Error{Errc::not_found, name + ": is gone"};
    const auto& all = found->second.bytes;
    return offset >= all.size() ? std::string{} : all.substr(offset, bytes);
  }
  Result<void> append(const std::string& name, std::string_view text) override {
    return disk_.append(name, text);
  }
  Result<void> sync(const std::string& name) override { return disk_.sync(name); }
  Result<void> replace(const std::string& name, std::string_view text) override {
    return disk_.replace(name, text);
  }
  Result<void> truncate(const std::string& name, std::uint64_t bytes) override {
    return disk_.truncate(name, bytes);
  }
  Result<void> remove(const std::string& name) override { return disk_.remove(name); }
  [[nodiscard]] std::string describe() const override { return "spool"; }

 private:
  SimulatedDisk& disk_;
};

}  // namespace plimsoll::test
