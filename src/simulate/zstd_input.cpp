#include "simulate/zstd_input.h"

#include <zstd.h>

namespace plimsoll {

struct ZstdInput::Unpacker {
  ZSTD_DStream* stream = ZSTD_createDStream();
  ZSTD_inBuffer rest{};
  Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker() { ZSTD_freeDStream(stream); }
};

ZstdInput::ZstdInput(std::istream& packed)
    : packed_(packed),
      unpacker_(std::make_unique<Unpacker>()),
      in_(ZSTD_DStreamInSize()),
      out_(ZSTD_DStreamOutSize()) {
  if (unpacker_->stream == nullptr) problem_ = "no memory to unpack it";
}

ZstdInput::~ZstdInput() = default;

/// Whether there are packed bytes to look at.
bool ZstdInput::refill() {
  auto& rest = unpacker_->rest;
  if (rest.pos < rest.size) return true;
  packed_.read(in_.data(), static_cast<std::streamsize>(in_.size()));
  rest = {in_.data(), static_cast<std::size_t>(packed_.gcount()), 0};
  if (rest.size > 0) return true;
  if (packed_.bad()) problem_ = "cannot be read";
  if (problem_.empty() && in_frame_) problem_ = "is cut off: its last zstd frame does not end";
  return false;
}

ZstdInput::int_type ZstdInput::underflow() {
  while (problem_.empty() && (more_ || refill())) {
    ZSTD_outBuffer out{out_.data(), out_.size(), 0};
    const std::size_t left = ZSTD_decompressStream(unpacker_->stream, &out, &unpacker_->rest);
    if (ZSTD_isError(left) != 0U) {
      problem_ = std::string{"is no zstd file, or a broken one: "} + ZSTD_getErrorName(left);
      break;
    }
    in_frame_ = left != 0;
    more_ = out.pos == out.size;
    if (out.pos == 0) continue;
    setg(out_.data(), out_.data(), out_.data() + out.pos);
    return traits_type::to_int_type(*gptr());
  }
  return traits_type::eof();
}

}  // namespace plimsoll
