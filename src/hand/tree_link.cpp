#include "hand/tree_link.h"

#include <fmt/format.h>

#include <chrono>

#include "core/text.h"
#include "hand/rsync_command.h"
#include "runtime/process.h"

namespace plimsoll {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Bytes ping_max{8 * mib};
constexpr Bytes nothing{0};
constexpr Duration check_timeout{5'000};
constexpr Duration ask_timeout{30'000};
constexpr Duration open_timeout{30'000};
constexpr Duration ping_timeout{120'000};
constexpr int pings = 3;
// The master ends by itself when nobody has used it for so long: nothing is left of a move whose
// orchestrator is gone.
constexpr int idle_s = 900;
// What the destination's forced command answers: it reads to the end and says so.
constexpr const char* ping_command = "plimsoll-ping";

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> ssh_line(const SshWay& way, const std::vector<std::string>& options,
                                  const std::string& command = "") {
  auto words = ssh_words(way);
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(way.address);
  if (!command.empty()) words.push_back(command);
  return words;
}

ProcessOptions within(Duration timeout) {
  ProcessOptions process;
  process.timeout = timeout;
  return process;
}

Task<bool> is_open(SshWay way) {
  auto words = ssh_line(way, {"-O", "check"});
  const auto result = co_await run_process(std::move(words), within(check_timeout));
  co_return result && result->exit_code == 0;
}

Task<Result<void>> open_master(SshWay way) {
  // A socket that a dead master left would keep a new one from listening.
  std::error_code ignored;
  std::filesystem::remove(way.control, ignored);
  auto words = ssh_line(way, {"-M", "-N", "-f", "-o", fmt::format("ControlPersist={}", idle_s)});
  const auto result = co_await run_process(std::move(words), within(open_timeout));
  if (!result) co_return result.error();
  if (result->exit_code == 0) co_return Result<void>{};
  const auto judged = judge_rsync(result->exit_code, result->err, true);
  co_return judged.error();
}

/// Seconds to start a command there and to send it `bytes`, nothing where it failed.
Task<std::optional<double>> ping(SshWay way, Bytes bytes) {
  auto process = within(ping_timeout);
  process.input.assign(count(bytes), '\0');
  auto words = ssh_line(way, {}, ping_command);
  const auto start = Clock::now();
  const auto result = co_await run_process(std::move(words), std::move(process));
  if (!result || result->exit_code != 0) co_return std::nullopt;
  co_return seconds_since(start);
}

Task<std::optional<double>> quickest_session(SshWay way) {
  std::optional<double> quickest;
  for (int i = 0; i < pings; ++i) {
    const auto took = co_await ping(way, nothing);
    if (took && (!quickest || *took < *quickest)) quickest = took;
  }
  co_return quickest;
}

/// "3.2.7", or "" without rsync.
Task<std::string> rsync_version() {
  std::vector<std::string> words{"rsync", "--version"};
  const auto result = co_await run_process(std::move(words), within(ask_timeout));
  if (!result || result->exit_code != 0) co_return "";
  // "rsync  version 3.2.7  protocol version 31"
  for (const auto word : split(std::string_view{result->out}.substr(0, 80), ' ')) {
    if (!word.empty() && word.front() >= '0' && word.front() <= '9') co_return std::string{word};
  }
  co_return "";
}

/// Whether rsync works there: it compares an empty folder with one that is there, and changes
/// nothing.
Task<Result<bool>> works_there(SshWay way, std::string folder, std::filesystem::path empty) {
  std::error_code ignored;
  std::filesystem::create_directories(empty, ignored);
  auto words = rsync_words(way, {empty.string(), folder}, {});
  if (!words) co_return words.error();
  words->insert(words->begin() + 1, "--dry-run");
  const auto result = co_await run_process(std::move(*words), within(ask_timeout));
  if (!result) co_return result.error();
  const auto judged = judge_rsync(result->exit_code, result->err, true);
  if (!judged && judged.error().code != Errc::not_found) co_return judged.error();
  co_return judged.has_value();
}

}  // namespace

Task<Result<LinkOpened>> open_link(const HandContext* context, LinkOpen open) {
  LinkOpened opened;
  std::error_code ignored;
  std::filesystem::create_directories(context->move_folder(), ignored);
  std::filesystem::permissions(context->move_folder(), std::filesystem::perms::owner_all, ignored);
  const auto start = Clock::now();
  opened.was_open = co_await is_open(open.way);
  if (!opened.was_open) {
    const auto done = co_await open_master(open.way);
    if (!done) co_return done.error().in(open.way.address);
  }
  opened.open_s = seconds_since(start);
  opened.rsync = co_await rsync_version();
  if (!open.folder.empty() && !opened.rsync.empty()) {
    const auto works =
        co_await works_there(open.way, open.folder, context->move_folder() / "empty");
    if (!works) co_return works.error().in(open.way.address);
    opened.rsync_there = *works;
  }
  if (count(open.ping) == 0) co_return opened;
  opened.session_s = co_await quickest_session(open.way);
  const Bytes bytes = std::min(open.ping, ping_max);
  const auto took = co_await ping(open.way, bytes);
  if (took && opened.session_s && *took > *opened.session_s) {
    opened.bytes_per_s = as_double(bytes) / (*took - *opened.session_s);
  }
  co_return opened;
}

Task<Result<void>> close_link(SshWay way) {
  auto words = ssh_line(way, {"-O", "exit"});
  const auto result = co_await run_process(std::move(words), within(check_timeout));
  if (!result) co_return result.error();
  co_return Result<void>{};
}

}  // namespace plimsoll
