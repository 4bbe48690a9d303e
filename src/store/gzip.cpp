#include "store/gzip.h"

#include <libdeflate.h>

#include <cstdlib>
#include <memory>

namespace plimsoll {

std::string gzip(std::string_view text) {
  constexpr int fastest = 1;
  // Fails only for want of memory.
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor{
      libdeflate_alloc_compressor(fastest), &libdeflate_free_compressor};
  if (!compressor) std::abort();
  std::string packed(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  packed.resize(libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), packed.data(),
                                         packed.size()));
  return packed;
}

}  // namespace plimsoll
