// rsync's standard output: read in any pieces it gives the same figures.
#include "fuzz.h"
#include "hand/rsync_output.h"

namespace plimsoll::fuzz {
namespace {

bool same(const RsyncOutput& a, const RsyncOutput& b) {
  const RsyncFigures& x = a.figures();
  const RsyncFigures& y = b.figures();
  return a.progress() == b.progress() && x.sent == y.sent && x.received == y.received &&
         x.literal == y.literal && x.matched == y.matched && x.files == y.files &&
         x.created == y.created && x.deleted == y.deleted;
}

void check(std::string_view text) {
  RsyncOutput whole;
  whole.feed(text);
  RsyncOutput pieces;
  Bytes before{};
  for (std::size_t at = 0; at < text.size(); at += 1 + at % 7) {
    pieces.feed(text.substr(at, 1 + at % 7));
    require(pieces.progress() >= before, "progress goes back");
    before = pieces.progress();
  }
  require(same(whole, pieces), "pieces give other figures");
  for (const int code : {1, 12, 23, 255}) {
    const auto judged = judge_rsync(code, text, true);
    require(!judged, "a failure is taken for a success");
    require_fit_to_print(judged.error().message);
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check(plimsoll::fuzz::as_text(data, size));
  return 0;
}
