#include "hand/rsync_output.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t line_bytes_max = 4096;

/// The number that a text begins with: "1024 bytes", "9 (reg: 7, dir: 2)".
std::optional<std::uint64_t> first_number(std::string_view text) {
  const auto words = trim(text);
  return parse_number<std::uint64_t>(words.substr(0, words.find_first_of(" \t")));
}

}  // namespace

void RsyncOutput::feed(std::string_view chunk) {
  while (!chunk.empty()) {
    const auto end = chunk.find_first_of("\r\n");
    const auto piece = chunk.substr(0, end);
    if (line_.size() < line_bytes_max) {
      line_.append(piece.substr(0, line_bytes_max - line_.size()));
    }
    if (end == std::string_view::npos) return;
    take_line(line_);
    line_.clear();
    chunk.remove_prefix(end + 1);
  }
}

void RsyncOutput::take_line(std::string_view line) {
  const auto colon = line.find(": ");
  const auto name = line.substr(0, colon);
  if (colon == std::string_view::npos || line.find('%') < colon) {
    // "  89200  75%   82.86MB/s    0:00:00 (xfr#2, to-chk=6/9)"
    const auto bytes = first_number(line);
    if (bytes && line.find('%') != std::string_view::npos) {
      progress_ = std::max(progress_, Bytes{*bytes});
    }
    return;
  }
  const auto number = first_number(line.substr(colon + 2));
  if (!number) return;
  if (name == "Total bytes sent") figures_.sent = Bytes{*number};
  if (name == "Total bytes received") figures_.received = Bytes{*number};
  if (name == "Literal data") figures_.literal = Bytes{*number};
  if (name == "Matched data") figures_.matched = Bytes{*number};
  if (name == "Number of regular files transferred") figures_.files = *number;
  if (name == "Number of created files") figures_.created = *number;
  if (name == "Number of deleted files") figures_.deleted = *number;
}

}  // namespace plimsoll
