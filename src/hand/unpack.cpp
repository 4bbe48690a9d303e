#include "hand/unpack.h"

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <vector>

namespace plimsoll {
namespace {

constexpr std::size_t unpacked_piece = 256 * kib;
constexpr std::string_view gzip_start = "\x1f\x8b";
constexpr std::string_view zstd_start = "\x28\xB5\x2F\xFD";
constexpr int gzip_window_bits = 15 + 16;

Error not_packed(const char* by) {
  return {Errc::malformed, std::string{"a layer is damaged: "} + by + " finds no sense in it"};
}

}  // namespace

struct UnpackOut::Impl {
  enum class Kind { unknown, plain, gzip, zstd };

  ByteOut* next = nullptr;
  Kind kind = Kind::unknown;
  std::string start;
  z_stream gzip{};
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> zstd{nullptr, &ZSTD_freeDCtx};
  std::vector<char> buffer = std::vector<char>(unpacked_piece);
  bool whole = true;

  ~Impl() {
    if (kind == Kind::gzip) inflateEnd(&gzip);
  }

  void begin() {
    if (start.starts_with(gzip_start)) {
      kind = inflateInit2(&gzip, gzip_window_bits) == Z_OK ? Kind::gzip : Kind::plain;
    } else if (start.starts_with(zstd_start)) {
      kind = Kind::zstd;
      zstd.reset(ZSTD_createDCtx());
    } else {
      kind = Kind::plain;
    }
  }

  Result<void> pass(std::string_view bytes) {
    switch (kind) {
      case Kind::gzip:
        return pass_gzip(bytes);
      case Kind::zstd:
        return pass_zstd(bytes);
      case Kind::unknown:
      case Kind::plain:
        break;
    }
    return next->write(bytes);
  }

  Result<void> pass_gzip(std::string_view bytes) {
    std::string held{bytes};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): zlib's own type of bytes
    gzip.next_in = reinterpret_cast<Bytef*>(held.data());
    gzip.avail_in = static_cast<uInt>(held.size());
    while (gzip.avail_in > 0 || !whole) {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
      gzip.next_out = reinterpret_cast<Bytef*>(buffer.data());
      gzip.avail_out = static_cast<uInt>(buffer.size());
      const int code = inflate(&gzip, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return not_packed("gzip");
      auto written = next->write({buffer.data(), buffer.size() - gzip.avail_out});
      if (!written) return written;
      whole = code == Z_STREAM_END;
      // Several members one after another are one file (RFC 1952, 2.2).
      if (whole && gzip.avail_in > 0) inflateReset(&gzip);
      if (!whole && gzip.avail_in == 0 && gzip.avail_out > 0) break;
      if (whole && gzip.avail_in == 0) break;
    }
    return {};
  }

  Result<void> pass_zstd(std::string_view bytes) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
      const auto code = ZSTD_decompressStream(zstd.get(), &out, &in);
      if (ZSTD_isError(code) != 0) return not_packed("zstd");
      auto written = next->write({buffer.data(), out.pos});
      if (!written) return written;
      whole = code == 0;
      if (in.pos == in.size && out.pos < buffer.size()) return {};
    }
  }
};

UnpackOut::UnpackOut(ByteOut* next) : impl_(std::make_unique<Impl>()) { impl_->next = next; }
UnpackOut::~UnpackOut() = default;

Result<void> UnpackOut::write(std::string_view bytes) {
  if (impl_->kind != Impl::Kind::unknown) return impl_->pass(bytes);
  impl_->start += bytes;
  if (impl_->start.size() < zstd_start.size()) return {};
  impl_->begin();
  return impl_->pass(impl_->start);
}

Result<void> UnpackOut::end() {
  if (impl_->kind == Impl::Kind::unknown) return impl_->next->write(impl_->start);
  if (!impl_->whole) return Error{Errc::malformed, "a layer is cut off"};
  return {};
}

}  // namespace plimsoll
