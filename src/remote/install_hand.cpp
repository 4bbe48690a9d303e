#include "remote/install_hand.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "core/text.h"
#include "docker/json_access.h"
#include "remote/hand_line.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

constexpr std::size_t chunk_bytes = 256U << 10;
constexpr Duration stall{30'000};
constexpr int protocol_spoken = 1;

struct FailureMeaning {
  std::string_view says;
  Errc code;
  const char* means;
};

constexpr std::array meanings{
    FailureMeaning{"No space left", Errc::io, "no room for our executable (about 30 MB)"},
    FailureMeaning{"Read-only file system", Errc::io, "the file system there is read-only"},
    FailureMeaning{
        "password is required", Errc::unauthorized,
        "the SSH user is not root and needs sudo without a password: NOPASSWD in sudoers, "
        "or ssh_user=root in host.csv"},
    FailureMeaning{"not in the sudoers", Errc::unauthorized,
                   "the SSH user is neither root nor in sudoers"},
    FailureMeaning{"sudo: not found", Errc::unauthorized,
                   "the SSH user is not root, and there is no sudo"},
    FailureMeaning{"sudo: command not found", Errc::unauthorized,
                   "the SSH user is not root, and there is no sudo"},
    FailureMeaning{"GLIBC_", Errc::refused,
                   "its libc is too old for our executable: Debian 12 or Ubuntu 24.04 at least"},
    FailureMeaning{"xec format error", Errc::refused,
                   "our executable is for another processor architecture"},
    FailureMeaning{"annot execute", Errc::refused,
                   "our executable is for another processor architecture"},
    FailureMeaning{"Permission denied", Errc::io,
                   "our executable may not be run there: is the file system mounted noexec?"},
};

struct HostView {
  bool root = false;
  std::string home;
  bool in_root = false;
  bool in_home = false;
};

Result<HostView> parse_view(std::string_view text) {
  const auto lines = split(trim(text), '\n');
  if (lines.size() < 2) return Error{Errc::malformed, "its shell answers oddly"};
  HostView view{trim(lines[0]) == "0", std::string{trim(lines[1])}, false, false};
  for (const auto line : lines) {
    if (trim(line) == "root") view.in_root = true;
    if (trim(line) == "home") view.in_home = true;
  }
  return view;
}

Task<Result<HostView>> look_at_host(SshSession* session, std::string name) {
  auto command = RemoteCommand::look_for_hand(name);
  if (!command) co_return command.error();
  ProcessOptions options;
  const auto told = co_await session->run(std::move(*command), std::move(options));
  if (!told) co_return told.error();
  auto view = parse_view(told->out);
  if (!view) co_return view.error().in(session->host().name.str());
  co_return view;
}

/// What it prints on standard error, to its end.
Task<Result<std::string>> complaints_of(ChildProcess* child) {
  std::string words;
  for (;;) {
    const auto chunk = co_await child->read_err();
    if (!chunk || chunk->empty()) co_return words;
    if (words.size() < chunk_bytes) words += *chunk;
  }
}

Task<Result<void>> send_file(ChildProcess* child, std::filesystem::path path) {
  std::ifstream file{path, std::ios::binary};
  std::string chunk(chunk_bytes, '\0');
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.gcount() > 0) {
    auto piece = chunk.substr(0, static_cast<std::size_t>(file.gcount()));
    auto writing = child->write_in(std::move(piece));
    const auto written = co_await with_deadline(std::move(writing), stall, "sending");
    if (!written && written.error().code == Errc::timeout) child->kill();
    if (!written) break;
  }
  child->close_in();
  co_return Result<void>{};
}

Task<Result<void>> upload(SshSession* session, HandFile file, HandPlace place) {
  using namespace asio::experimental::awaitable_operators;
  const std::filesystem::path target{place.executable};
  const auto command = RemoteCommand::install_hand(target.parent_path().string(),
                                                   target.filename().string(), file.sha256);
  if (!command) co_return command.error();
  auto child = session->spawn(*command);
  if (!child) co_return child.error();
  auto both = send_file(&*child, file.path) && complaints_of(&*child);
  const auto [sent, words] = co_await std::move(both);
  auto waiting = child->wait();
  const auto code = co_await with_deadline(std::move(waiting), stall, session->host().name.str());
  if (!code) co_return code.error();
  if (*code != 0) {
    co_return explain_hand_failure(session->host().name.str(), place, *code, *words);
  }
  co_return Result<void>{};
}

Task<Result<void>> try_out(SshSession* session, HandPlace place) {
  const auto& host = session->host().name.str();
  auto command = RemoteCommand::hand(place.executable, place.sudo, {"version"});
  if (!command) co_return command.error();
  ProcessOptions options;
  const auto told = co_await session->run(std::move(*command), std::move(options));
  if (!told) co_return told.error();
  if (told->exit_code != 0) {
    co_return explain_hand_failure(host, place, told->exit_code, told->err);
  }
  const auto answer = parse_hand_line(trim(told->out), host);
  if (!answer) co_return answer.error();
  const auto& result = member(*answer, "result");
  if (integer_of(member(result, "protocol")) != protocol_spoken) {
    co_return Error{Errc::refused, host + ": the hand there speaks another protocol"};
  }
  if (!is_true(member(result, "root"))) {
    co_return Error{Errc::unauthorized, host + ": sudo does not make us root there"};
  }
  co_return Result<void>{};
}

}  // namespace

Error explain_hand_failure(const std::string& host, const HandPlace& place, int code,
                           std::string_view words) {
  for (const auto& meaning : meanings) {
    if (words.find(meaning.says) == std::string_view::npos) continue;
    return {meaning.code, fmt::format("{}: {}: {}", host, place.executable, meaning.means)};
  }
  const auto last = split(trim(words), '\n').back();
  return {Errc::io, fmt::format("{}: {} cannot be brought or run there (code {}): {}", host,
                                place.executable, code, printable(last, 200))};
}

Task<Result<HandFile>> own_executable() {
  static HandFile known;
  if (known.sha256.empty()) {
    HandFile file{fmt::format("/proc/{}/exe", ::getpid()), {}};
    std::vector<std::string> argv{"sha256sum", file.path.string()};
    ProcessOptions options;
    const auto told = co_await run_process(std::move(argv), std::move(options));
    if (!told) co_return told.error();
    constexpr std::size_t digits = 64;
    if (told->exit_code != 0 || told->out.size() < digits) {
      co_return Error{Errc::io, "our own executable cannot be read"};
    }
    file.sha256 = told->out.substr(0, digits);
    known = std::move(file);
  }
  co_return known;
}

Task<Result<HandPlace>> ensure_hand(SshSession* session, HandFile file) {
  const auto name = "plimsoll-" + file.sha256.substr(0, 16);
  const auto view = co_await look_at_host(session, name);
  if (!view) co_return view.error();
  HandPlace place;
  place.sudo = !view->root;
  const auto folder =
      view->root ? "/var/lib/plimsoll/bin" : view->home + "/.local/share/plimsoll/bin";
  place.executable = folder + "/" + name;
  place.uploaded = !(view->root ? view->in_root : view->in_home);
  if (place.uploaded) {
    const auto brought = co_await upload(session, file, place);
    if (!brought) co_return brought.error();
  }
  // Also one that was there: sudo may have been taken away since.
  const auto fine = co_await try_out(session, place);
  if (!fine) co_return fine.error();
  co_return place;
}

}  // namespace plimsoll
