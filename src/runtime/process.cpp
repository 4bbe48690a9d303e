#include "runtime/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "core/text.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

using asio::as_tuple;
using asio::use_awaitable;
using Stream = asio::posix::stream_descriptor;

constexpr std::size_t chunk_bytes = 64U << 10;

struct Pipe {
  int read = -1;
  int write = -1;
};

Result<std::array<Pipe, 3>> make_pipes() {
  std::array<Pipe, 3> pipes;
  for (Pipe& pipe : pipes) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      for (const Pipe& made : pipes) {
        if (made.read >= 0) ::close(made.read), ::close(made.write);
      }
      return Error{Errc::io, "cannot make a pipe: " + std::generic_category().message(errno)};
    }
    pipe = {ends[0], ends[1]};
  }
  return pipes;
}

Result<pid_t> spawn_child(const std::vector<std::string>& argv, const std::array<Pipe, 3>& pipes) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipes[0].read, 0);
  posix_spawn_file_actions_adddup2(&actions, pipes[1].write, 1);
  posix_spawn_file_actions_adddup2(&actions, pipes[2].write, 2);
  posix_spawnattr_t attributes{};
  posix_spawnattr_init(&attributes);
  // Its own group, so that Ctrl-C at our terminal is ours to handle and a kill reaches all of it.
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none{};
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults{};
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, words.front(), &actions, &attributes, words.data(), ::environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) {
    return Error{Errc::not_found, fmt::format("the program '{}' is not installed", argv.front())};
  }
  if (error != 0) {
    return Error{Errc::io, fmt::format("cannot start '{}': {}", argv.front(),
                                       std::generic_category().message(error))};
  }
  return pid;
}

int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

Task<Result<std::string>> read_some(Stream* stream) {
  std::string chunk(chunk_bytes, '\0');
  const auto [error, n] =
      co_await stream->async_read_some(asio::buffer(chunk), as_tuple(use_awaitable));
  if (error && error != asio::error::eof) {
    co_return Error{Errc::io, "reading from a child process: " + error.message()};
  }
  chunk.resize(error ? 0 : n);
  co_return chunk;
}

}  // namespace

struct ChildProcess::Impl {
  Impl(const asio::any_io_executor& executor, pid_t child, int pidfd,
       const std::array<Pipe, 3>& pipes)
      : pid(child),
        ended(executor, pidfd),
        in(executor, pipes[0].write),
        out(executor, pipes[1].read),
        err(executor, pipes[2].read) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (exit_code) return;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }

  /// Its exit code, once it is there.
  std::optional<int> reap() {
    int status = 0;
    if (!exit_code && ::waitpid(pid, &status, WNOHANG) == pid) {
      exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return exit_code;
  }

  pid_t pid;
  Stream ended;  ///< A pidfd: readable when the child has ended.
  Stream in, out, err;
  std::optional<int> exit_code;
};

ChildProcess::ChildProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChildProcess::~ChildProcess() = default;
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess& ChildProcess::operator=(ChildProcess&&) noexcept = default;

Result<ChildProcess> ChildProcess::spawn(const asio::any_io_executor& executor,
                                         const std::vector<std::string>& argv) {
  if (argv.empty()) return Error{Errc::invalid, "no program to start"};
  // A pipe whose reader has gone must give an error to write_in, not end the whole program.
  static const auto sigpipe_ignored = std::signal(SIGPIPE, SIG_IGN);
  (void)sigpipe_ignored;
  const auto pipes = make_pipes();
  if (!pipes) return pipes.error();
  const auto pid = spawn_child(argv, *pipes);
  ::close((*pipes)[0].read);
  ::close((*pipes)[1].write);
  ::close((*pipes)[2].write);
  const int pidfd = pid ? open_pidfd(*pid) : -1;
  if (pidfd < 0) {
    Error error = pid ? Error{Errc::io, "pidfd_open: " + std::generic_category().message(errno)}
                      : pid.error();
    ::close((*pipes)[0].write);
    ::close((*pipes)[1].read);
    ::close((*pipes)[2].read);
    if (pid) ::kill(-*pid, SIGKILL), ::waitpid(*pid, nullptr, 0);
    return error;
  }
  return ChildProcess{std::make_unique<Impl>(executor, *pid, pidfd, *pipes)};
}

Task<Result<std::string>> ChildProcess::read_out() { return read_some(&impl_->out); }
Task<Result<std::string>> ChildProcess::read_err() { return read_some(&impl_->err); }

Task<Result<void>> ChildProcess::write_in(std::string data) {
  const auto [error, n] =
      co_await asio::async_write(impl_->in, asio::buffer(data), as_tuple(use_awaitable));
  if (error) co_return Error{Errc::io, "writing to a child process: " + error.message()};
  co_return Result<void>{};
}

void ChildProcess::close_in() {
  boost::system::error_code ignored;
  impl_->in.close(ignored);
}

Task<Result<int>> ChildProcess::wait() {
  for (;;) {
    if (const auto code = impl_->reap()) co_return *code;
    const auto [error] =
        co_await impl_->ended.async_wait(Stream::wait_read, as_tuple(use_awaitable));
    if (error) co_return Error{Errc::cancelled, "waiting for a child process: cancelled"};
  }
}

void ChildProcess::kill() {
  if (!impl_->exit_code) ::kill(-impl_->pid, SIGKILL);
}

bool ChildProcess::ended() { return impl_->reap().has_value(); }

int ChildProcess::pid() const { return impl_->pid; }

namespace {

using ReadFunction = Task<Result<std::string>> (ChildProcess::*)();

/// "" when the stream ended in good order.
Task<Result<std::string>> collect(ChildProcess* child, ReadFunction read, std::size_t bytes_max) {
  std::string text;
  for (;;) {
    const auto chunk = co_await (child->*read)();
    if (!chunk) co_return chunk.error();
    if (chunk->empty()) co_return text;
    text += *chunk;
    if (text.size() > bytes_max) {
      child->kill();
      co_return Error{Errc::too_large, "printed more than " + format_bytes(bytes_max)};
    }
  }
}

Task<Result<void>> feed(ChildProcess* child, std::string input) {
  // A child that does not want its input may have closed it: its exit code tells the story.
  if (!input.empty()) {
    const auto written = co_await child->write_in(std::move(input));
    (void)written;
  }
  child->close_in();
  co_return Result<void>{};
}

Task<Result<ProcessResult>> converse(ChildProcess* child, ProcessOptions options) {
  using namespace asio::experimental::awaitable_operators;
  auto all = feed(child, std::move(options.input)) &&
             collect(child, &ChildProcess::read_out, options.output_bytes_max) &&
             collect(child, &ChildProcess::read_err, options.output_bytes_max);
  auto [fed, out, err] = co_await std::move(all);
  const auto code = co_await child->wait();
  if (!out) co_return out.error();
  if (!err) co_return err.error();
  if (!code) co_return code.error();
  ProcessResult result;
  result.exit_code = *code;
  result.out = std::move(*out);
  result.err = std::move(*err);
  co_return result;
}

}  // namespace

Task<Result<ProcessResult>> run_process(std::vector<std::string> argv, ProcessOptions options) {
  const auto executor = co_await asio::this_coro::executor;
  const std::string name = argv.empty() ? "" : argv.front();
  auto child = ChildProcess::spawn(executor, argv);
  if (!child) co_return child.error();
  const Duration timeout = options.timeout;
  auto task = converse(&*child, std::move(options));
  auto result = co_await with_deadline(std::move(task), timeout, name);
  if (!result)
    co_return result.error().code == Errc::timeout ? result.error() : result.error().in(name);
  co_return result;
}

}  // namespace plimsoll
