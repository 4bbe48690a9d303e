#include "hand/received_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t text_max = 8192;
constexpr std::string_view word_signs =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@:+=,%-";

// Of rsync's short flags those that neither name another place, nor read arguments from elsewhere
// (s), nor follow links out of the folder (K), nor leave things beside it (b). R, which comes with
// a list of files, lets the sender name absolute paths: who runs it must confine it.
constexpr std::string_view short_flags = "vqlHpEAXogDtUNJOrRxWSdmuIczni";
constexpr std::array<std::string_view, 17> long_flags{"-@-1",
                                                      "--numeric-ids",
                                                      "--delete",
                                                      "--delete-before",
                                                      "--delete-during",
                                                      "--delete-delay",
                                                      "--delete-after",
                                                      "--delete-excluded",
                                                      "--inplace",
                                                      "--partial",
                                                      "--no-r",
                                                      "--no-whole-file",
                                                      "--no-W",
                                                      "--whole-file",
                                                      "--ignore-errors",
                                                      "--force",
                                                      "--stats"};
// With a plain value.
constexpr std::array<std::string_view, 11> valued_flags{
    "--info=",           "--timeout=",         "--bwlimit=",
    "--compress-level=", "--compress-choice=", "--checksum-choice=",
    "--checksum-seed=",  "--log-format=",      "--max-delete=",
    "--block-size=",     "--modify-window="};

Error refused(std::string_view why) {
  return {Errc::refused, fmt::format("refused: {}", printable(why, 200))};
}

/// "-logDtprSHAXe.iLsfxCIvu": flags, then the protocol's own letters behind "e.".
bool are_short_flags(std::string_view word) {
  if (word.size() < 2 || word[0] != '-' || word[1] == '-') return false;
  word.remove_prefix(1);
  const auto protocol = word.find("e.");
  const auto flags = word.substr(0, protocol);
  if (flags.find_first_not_of(short_flags) != std::string_view::npos) return false;
  if (protocol == std::string_view::npos) return true;
  return std::ranges::all_of(word.substr(protocol + 2), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
  });
}

bool is_known_flag(std::string_view word) {
  if (word == "-@-1") return true;  // --modify-window=-1: times to the nanosecond
  if (are_short_flags(word)) return true;
  if (std::ranges::find(long_flags, word) != long_flags.end()) return true;
  return std::ranges::any_of(valued_flags, [&](auto flag) {
    return word.starts_with(flag) && word.find('/') == std::string_view::npos;
  });
}

std::string without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string{path};
}

Result<ReceivedCommand> parse_rsync(const std::vector<std::string_view>& words,
                                    const std::vector<std::string>& folders) {
  // rsync --server FLAG… . FOLDER
  constexpr std::size_t words_min = 4;
  if (words.size() < words_min || words[1] != "--server" || words[words.size() - 2] != ".") {
    return refused("only rsync's receiving side is allowed");
  }
  ReceivedCommand command;
  command.kind = ReceivedCommand::Kind::rsync;
  command.folder = without_slash(words.back());
  command.words.emplace_back("--server");
  for (std::size_t i = 2; i + 2 < words.size(); ++i) {
    if (!is_known_flag(words[i])) {
      return refused(fmt::format("rsync's flag '{}' is not one that a move needs", words[i]));
    }
    command.words.emplace_back(words[i]);
    const auto own = words[i].substr(0, words[i].find("e."));
    if (!own.starts_with("--") && own.find('R') != own.npos) command.names_paths = true;
  }
  const auto granted = std::ranges::any_of(
      folders, [&](const auto& folder) { return without_slash(folder) == command.folder; });
  if (!is_safe_path(command.folder) || !granted) {
    return refused(fmt::format("the folder '{}' was not granted", command.folder));
  }
  command.words.emplace_back(".");
  command.words.push_back(command.folder + "/");
  return command;
}

}  // namespace

Result<ReceivedCommand> parse_received_command(std::string_view text,
                                               const std::vector<std::string>& folders) {
  if (text.empty()) return refused("there is no shell here");
  if (text.size() > text_max) return refused("a command of more than 8 KiB");
  const auto words = split(text, ' ');
  for (const auto word : words) {
    if (word.empty() || word.find_first_not_of(word_signs) != std::string_view::npos) {
      return refused(fmt::format("'{}' is not made of plain words", text));
    }
  }
  ReceivedCommand command;
  if (text == "plimsoll-ping") return command;
  command.kind = ReceivedCommand::Kind::image;
  if (text == "plimsoll-image") return command;
  if (words.front() == "rsync") return parse_rsync(words, folders);
  return refused(fmt::format("'{}' is not allowed", words.front()));
}

}  // namespace plimsoll
