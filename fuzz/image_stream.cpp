// An image on its way, as another host sends it: whatever comes, no more is given than its head
// promised, and cutting it elsewhere changes nothing.
#include "hand/image_stream.h"

#include "fuzz.h"

namespace plimsoll::fuzz {
namespace {

constexpr std::size_t unpacked_max = 64 * mib;

struct Given {
  std::string kinds;
  std::uint64_t data = 0;
  bool whole = false;
  bool failed = false;
};

Given give(std::string_view bytes, std::size_t piece) {
  Given given;
  ImageStreamReader reader;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.add(bytes.substr(0, piece));
    while (!given.failed) {
      const auto frame = reader.next();
      if (!frame) require_fit_to_print(frame.error().message);
      given.failed = !frame;
      if (!frame || !*frame) break;
      given.kinds += static_cast<char>((*frame)->kind);
      if ((*frame)->kind == FrameKind::data) given.data += (*frame)->payload.size();
    }
    if (given.failed || given.data > unpacked_max) return given;
  }
  given.whole = reader.whole();
  if (!given.whole) return given;
  std::uint64_t promised = 0;
  const auto& head = reader.head();
  for (std::size_t k = head.first; k < head.sizes.size(); ++k) {
    promised += count(head.sizes[k].value_or(Bytes{}));
  }
  require(given.data == promised, "a whole stream has other bytes than its head says");
  return given;
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = plimsoll::fuzz::as_text(data, size);
  const auto once = plimsoll::fuzz::give(bytes, size);
  const auto pieces = plimsoll::fuzz::give(bytes, 7);
  // Where zstd finds damage it may have given what is before it, or not: of a stream that is not
  // whole, one may tell more than the other.
  plimsoll::fuzz::require(once.whole == pieces.whole, "cut elsewhere, the stream is whole or not");
  plimsoll::fuzz::require(!once.whole || once.kinds == pieces.kinds,
                          "cut elsewhere, the stream is another");
  return 0;
}
