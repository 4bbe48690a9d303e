#include "hand/rsync_output.h"

#include <fmt/format.h>

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

struct Sign {
  std::string_view words;
  Errc code;
  std::string_view advice;
};
constexpr Sign signs[] = {
    {"No space left on device", Errc::io, "the destination's disk is full"},
    {"Disk quota exceeded", Errc::io, "the destination's quota is used up"},
    {"rsync: command not found", Errc::not_found, "rsync is not installed at the destination"},
    {"rsync: not found", Errc::not_found, "rsync is not installed at the destination"},
    {"Host key verification failed", Errc::refused,
     "the destination's host key is not the one of this move"},
    {"Permission denied (", Errc::unauthorized, "the destination does not let the move's key in"},
    {"Connection refused", Errc::unreachable, "nothing listens on the destination's SSH port"},
    {"Connection timed out", Errc::unreachable, "the destination's SSH port does not answer"},
    {"No route to host", Errc::unreachable, "there is no route to the destination"},
    {"refused:", Errc::refused, "the destination refused what was asked"},
    {"timeout in data send/receive", Errc::timeout, "the transfer stalled"},
};

std::string on_one_line(std::string_view words) {
  std::string line;
  for (const auto part : split(words, '\n')) {
    if (trim(part).empty()) continue;
    if (!line.empty()) line += "; ";
    line += trim(part);
  }
  return printable(line, 400);
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

Result<bool> judge_rsync(int exit_code, std::string_view words, bool final) {
  if (exit_code == 0) return false;
  for (const Sign& sign : signs) {
    if (words.find(sign.words) == std::string_view::npos) continue;
    return Error{sign.code, fmt::format("{}: {}", sign.advice, on_one_line(words))};
  }
  // 23: some could not be sent, 24: some vanished before they were.
  if (exit_code == 23 || exit_code == 24) {
    if (!final) return true;
    return Error{Errc::io, "something still changes the files: " + on_one_line(words)};
  }
  if (exit_code == 127) return Error{Errc::not_found, "rsync is not installed at the destination"};
  if (exit_code == 30 || exit_code == 35) {
    return Error{Errc::timeout, "the transfer stalled: " + on_one_line(words)};
  }
  if (exit_code == 12 || exit_code == 10 || exit_code == 255) {
    return Error{Errc::unreachable,
                 "the connection to the destination broke: " + on_one_line(words)};
  }
  return Error{Errc::io,
               fmt::format("rsync ended with code {}: {}", exit_code, on_one_line(words))};
}

}  // namespace plimsoll
