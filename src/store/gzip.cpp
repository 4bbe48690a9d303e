#include "store/gzip.h"

#include <zlib.h>

#include <cstdlib>

namespace plimsoll {
namespace {

constexpr int gzip_window_bits = 15 + 16;  // 16 asks zlib for gzip's header
constexpr int default_memory_level = 8;

}  // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  // Both calls fail only for want of memory or a bug of ours.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window_bits, default_memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace plimsoll
