#include "hand/byte_out.h"

#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace plimsoll {
namespace {

constexpr std::chrono::milliseconds between_progress{200};
/// With a limit it is kept piece by piece, so that the link never sees a burst of more.
constexpr std::size_t limited_piece = 64 * kib;

}  // namespace

FdOut::FdOut(int fd, Bytes limit, std::function<void(Bytes)> progress)
    : fd_(fd), limit_(limit), progress_(std::move(progress)) {}

Result<void> FdOut::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = count(limit_) == 0 ? bytes : bytes.substr(0, limited_piece);
    const auto n = ::write(fd_, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      return Error{Errc::io, std::string{"the other end takes no more: "} + std::strerror(errno)};
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
    written_ += Bytes{static_cast<std::uint64_t>(n)};
    keep_to_limit();
    tell();
  }
  return {};
}

void FdOut::keep_to_limit() {
  if (count(limit_) == 0) return;
  const std::chrono::duration<double> due{as_double(written_) / as_double(limit_)};
  std::this_thread::sleep_until(began_ + std::chrono::duration_cast<Clock::duration>(due));
}

void FdOut::tell() {
  const auto now = Clock::now();
  if (!progress_ || now - told_ < between_progress) return;
  told_ = now;
  progress_(written_);
}

struct ZstdOut::Impl {
  ByteOut* next = nullptr;
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  std::vector<char> packed = std::vector<char>(ZSTD_CStreamOutSize());

  Result<void> pass(std::string_view bytes, ZSTD_EndDirective how) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{packed.data(), packed.size(), 0};
      const auto left = ZSTD_compressStream2(context.get(), &out, &in, how);
      if (ZSTD_isError(left) != 0) {
        return Error{Errc::io, std::string{"zstd: "} + ZSTD_getErrorName(left)};
      }
      if (out.pos > 0) {
        auto written = next->write({packed.data(), out.pos});
        if (!written) return written;
      }
      const bool done = how == ZSTD_e_continue ? in.pos == in.size : left == 0;
      if (done) return {};
    }
  }
};

ZstdOut::ZstdOut(ByteOut* next, int level) : impl_(std::make_unique<Impl>()) {
  impl_->next = next;
  ZSTD_CCtx_setParameter(impl_->context.get(), ZSTD_c_compressionLevel, level);
}
ZstdOut::~ZstdOut() = default;

Result<void> ZstdOut::write(std::string_view bytes) { return impl_->pass(bytes, ZSTD_e_continue); }

Result<void> ZstdOut::flush() {
  auto passed = impl_->pass({}, ZSTD_e_flush);
  if (!passed) return passed;
  return impl_->next->flush();
}

Result<void> ZstdOut::end() { return impl_->pass({}, ZSTD_e_end); }

}  // namespace plimsoll
