#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/units.h"

namespace plimsoll {

/// Takes bytes one after another.
class ByteOut {
 public:
  virtual ~ByteOut() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  /// Whatever was held back goes on its way.
  virtual Result<void> flush() { return {}; }
};

/// Writes to a descriptor that it does not own, not faster than told.
/// Blocks: until the other end takes it. Errors: io - it takes no more.
class FdOut : public ByteOut {
 public:
  /// `limit`: bytes a second; 0 is none. `progress`: told the bytes written so far, a few times a
  /// second; may be null.
  FdOut(int fd, Bytes limit, std::function<void(Bytes)> progress);
  Result<void> write(std::string_view bytes) override;
  [[nodiscard]] Bytes written() const { return written_; }

 private:
  using Clock = std::chrono::steady_clock;
  void keep_to_limit();
  void tell();

  int fd_;
  Bytes limit_;
  std::function<void(Bytes)> progress_;
  Bytes written_{};
  Clock::time_point began_ = Clock::now(), told_ = began_;
};

/// Packs what passes by zstd into another. end() makes the last bytes.
class ZstdOut : public ByteOut {
 public:
  ZstdOut(ByteOut* next, int level);
  ~ZstdOut() override;
  Result<void> write(std::string_view bytes) override;
  Result<void> flush() override;
  Result<void> end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
