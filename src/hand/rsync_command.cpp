#include "hand/rsync_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace plimsoll {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

Result<void> fit(const std::string& folder) {
  if (is_safe_path(folder) && folder != "/") return {};
  return Error{Errc::invalid,
               fmt::format("the path '{}' has characters that we do not send to a remote shell",
                           printable(folder, 100))};
}

std::string destination(const SshWay& way, const std::string& folder) {
  const bool is_v6 = way.address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}/", way.address, folder)
               : fmt::format("{}:{}/", way.address, folder);
}

}  // namespace

Result<std::vector<std::string>> rsync_words(const SshWay& way, const TreePair& pair,
                                             const RsyncRun& run) {
  for (const auto& folder : {pair.from, pair.to}) {
    if (auto fine = fit(folder); !fine) return fine.error();
  }
  // Times are compared to the nanosecond; by itself rsync takes two within a second as equal.
  std::vector<std::string> words{"rsync",
                                 "-aHAXS",
                                 "--numeric-ids",
                                 "--modify-window=-1",
                                 "--filter=-x trusted.overlay.origin",
                                 "--filter=-x trusted.overlay.impure",
                                 "--filter=-x trusted.overlay.uuid",
                                 "--filter=-x system.*",
                                 "--info=progress2,stats2",
                                 "--no-human-readable",
                                 "--outbuf=N"};
  const auto seconds = std::max<std::int64_t>(1, run.stall.count() / 1000);
  words.push_back(fmt::format("--timeout={}", seconds));
  // Listed files come after a whole round, when names are together there as they are here. A
  // temporary file would change the time of its folder, which is not sent with them.
  words.emplace_back(run.in_place || run.only_listed ? "--inplace" : "--partial");
  if (run.compress) {
    words.emplace_back("--compress");
    words.emplace_back("--compress-level=1");
  }
  if (run.checksum) words.emplace_back("--checksum");
  if (count(run.limit) > 0) {
    words.push_back(
        fmt::format("--bwlimit={}", std::max<std::uint64_t>(1, count(run.limit) / kib)));
  }
  if (run.only_listed) {
    words.insert(words.end(), {"--ignore-times", "--files-from=-", "--from0"});
  } else {
    words.emplace_back("--delete");
  }
  words.emplace_back("-e");
  words.push_back(joined(ssh_words(way)));
  words.push_back(pair.from + "/");
  words.push_back(destination(way, pair.to));
  return words;
}

}  // namespace plimsoll
