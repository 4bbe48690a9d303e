// A line of a layer's tar-split file, and an archive of `docker save`: both come from a disk that
// something may have damaged.
#include "hand/tar_split.h"

#include "fuzz.h"
#include "hand/save_spool.h"

namespace plimsoll::fuzz {
namespace {

void check_line(std::string_view line) {
  const auto piece = parse_tar_split_line(line);
  if (!piece) return require_fit_to_print(piece.error().message);
  if (!*piece) return;
  require((*piece)->file.empty() || (*piece)->file_bytes > 0, "a file that stands for no bytes");
  require((*piece)->file.find('\0') == std::string::npos, "a name that ends early");
  require((*piece)->bytes.size() <= line.size(), "more bytes than were written");
}

void check_archive(std::string_view bytes) {
  SaveSpool spool{"/tmp", {}};
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(700, bytes.size()))) {
    const auto taken = spool.take(bytes.substr(0, 700));
    if (!taken) return require_fit_to_print(taken.error().message);
  }
  const auto saved = spool.saved();
  if (!saved) return require_fit_to_print(saved.error().message);
  for (const auto& layer : saved->layers) {
    const auto checked = spool.check_layer(layer, "sha256:");
    require(!checked, "a layer has a digest that there is not");
    require_fit_to_print(checked.error().message);
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = plimsoll::fuzz::as_text(data, size);
  plimsoll::fuzz::check_line(bytes);
  plimsoll::fuzz::check_archive(bytes);
  return 0;
}
