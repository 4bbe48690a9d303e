#include "hand/receive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <optional>
#include <vector>

#include "core/text.h"
#include "core/time.h"
#include "hand/boot_clock.h"
#include "hand/confine.h"
#include "hand/fence.h"
#include "hand/grant.h"
#include "hand/move_folder.h"
#include "hand/received_command.h"
#include "hand/receiver_turn.h"

namespace plimsoll {
namespace {

constexpr int exit_refused = 126;
constexpr int exit_cut = 125;
constexpr std::uintmax_t log_bytes_max = 256U << 10;
constexpr int look_every_ms = 250;
/// For whoever filled the folder before to let go of it: told at once, killed after a second.
constexpr Duration turn_patience{10'000};

void say(const HandContext& context, const std::string& text) {
  fmt::print(stderr, "plimsoll: {}\n", text);
  const auto log = context.move_folder() / "receive.log";
  std::error_code error;
  if (!std::filesystem::exists(context.move_folder(), error)) return;
  if (const auto size = std::filesystem::file_size(log, error); !error && size > log_bytes_max) {
    return;
  }
  std::ofstream{log, std::ios::app} << format_rfc3339(wall_clock_now()) << ' ' << text << '\n';
}

/// Whether the order and its grant still stand.
Result<KeptGrant> standing_grant(const HandContext& context) {
  if (const auto current = Fence{context.state}.check(context.order); !current) {
    return current.error();
  }
  auto grant = kept_grant(context);
  if (!grant) return grant.error();
  if (!*grant) return Error{Errc::refused, "refused: nothing is granted to this move any more"};
  if (boot_clock_now() >= (*grant)->until) {
    return Error{Errc::refused, "refused: the grant's time is over"};
  }
  return std::move(**grant);
}

/// The program and its words; the folder must be the very one that was granted, not a link.
Result<std::vector<std::string>> program_of(const HandContext& context,
                                            const ReceivedCommand& command) {
  switch (command.kind) {
    case ReceivedCommand::Kind::ping:
      return std::vector<std::string>{};
    case ReceivedCommand::Kind::image: {
      auto words = words_for_hand(context, "image-load");
      words.insert(words.begin(), "/proc/self/exe");
      return words;
    }
    case ReceivedCommand::Kind::rsync:
      break;
  }
  std::error_code error;
  const auto real = std::filesystem::canonical(command.folder, error);
  if (error || real != command.folder || !std::filesystem::is_directory(real)) {
    return Error{Errc::refused, "refused: " + command.folder + " is not there as a folder"};
  }
  std::vector<std::string> words{"rsync"};
  words.insert(words.end(), command.words.begin(), command.words.end());
  return words;
}

/// What another host says may be written nowhere but into the folder that was granted. Where the
/// kernel cannot see to that, rsync's own care must do; it does not where paths may be absolute.
Result<void> confine(const ReceivedCommand& command) {
  if (command.kind != ReceivedCommand::Kind::rsync) return {};
  const auto confined = confine_writes_to(command.folder);
  if (confined || !command.names_paths) return {};
  return Error{Errc::refused, "refused: rsync -R, since " + confined.error().message};
}

/// Starts it with our own three streams; it ends with us.
pid_t start(std::vector<std::string> words, const ReceivedCommand& command) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(exit_cut);
  if (const auto confined = confine(command); !confined) {
    fmt::print(stderr, "plimsoll: {}\n", confined.error().message);
    ::_exit(exit_refused);
  }
  ::execvp(argv.front(), argv.data());
  fmt::print(stderr, "plimsoll: {} cannot be started here; is it installed?\n", words.front());
  ::_exit(127);
}

/// Why it has to end: the order or the grant has, or somebody newer fills its folder.
std::optional<std::string> reason_to_end(const HandContext& context,
                                         const std::optional<ReceiverTurn>& turn) {
  if (const auto standing = standing_grant(context); !standing) return standing.error().message;
  if (turn && !turn->is_mine()) return "a newer transfer fills the folder";
  return std::nullopt;
}

/// Its exit code. It is told to end when it has to, so that rsync keeps what has come, and killed a
/// second later.
int watch(const HandContext& context, pid_t pid, const std::optional<ReceiverTurn>& turn) {
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  constexpr int looks_until_kill = 1000 / look_every_ms;
  int looks = 0;
  for (;;) {
    pollfd ended{.fd = handle, .events = POLLIN, .revents = 0};
    if (::poll(&ended, handle < 0 ? 0 : 1, look_every_ms) > 0) break;
    int status = 0;
    if (handle < 0 && ::waitpid(pid, &status, WNOHANG) == pid) break;
    const auto reason = looks == 0 ? reason_to_end(context, turn) : std::nullopt;
    if (!reason && looks == 0) continue;
    if (reason) say(context, *reason);
    const int signal = looks++ < looks_until_kill ? SIGTERM : SIGKILL;
    ::kill(-pid, signal);
    ::kill(pid, signal);
  }
  const bool cut = looks > 0;
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (handle >= 0) ::close(handle);
  if (cut) return exit_cut;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int receive(const HandContext& context, const std::string& asked) {
  const auto grant = standing_grant(context);
  if (!grant) {
    say(context, grant.error().message);
    return exit_refused;
  }
  const auto command = parse_received_command(asked, grant->folders);
  if (!command) {
    say(context, command.error().message);
    return exit_refused;
  }
  const auto program = program_of(context, *command);
  if (!program) {
    say(context, program.error().message);
    return exit_refused;
  }
  if (program->empty()) {
    // All that is sent is read, so that whoever sends can measure the way.
    std::array<char, 64U << 10> chunk{};
    while (::read(STDIN_FILENO, chunk.data(), chunk.size()) > 0) continue;
    fmt::print("plimsoll {}\n", context.order.move.str());
    return 0;
  }
  std::optional<ReceiverTurn> turn;
  if (command->kind == ReceivedCommand::Kind::rsync) {
    auto taken = ReceiverTurn::take(context.move_folder(), command->folder, turn_patience);
    if (!taken) {
      say(context, taken.error().message);
      return exit_refused;
    }
    turn.emplace(std::move(*taken));
  }
  const auto pid = start(*program, *command);
  if (pid < 0) {
    say(context, "cannot start a process");
    return exit_refused;
  }
  return watch(context, pid, turn);
}

}  // namespace plimsoll
