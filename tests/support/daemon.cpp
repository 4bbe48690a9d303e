#include "support/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "runtime/files.h"
#include "runtime/http_client.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

constexpr int pause_ms = 20;

[[noreturn]] void run_program(char* const* arguments, const char* log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) ::_exit(126);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

std::uint16_t free_port() {
  asio::io_context context;
  const asio::ip::tcp::endpoint any{asio::ip::address_v4::loopback(), 0};
  const asio::ip::tcp::acceptor acceptor{context, any};
  return acceptor.local_endpoint().port();
}

Result<HttpResponse> exchange(std::uint16_t port, HttpRequest request) {
  asio::io_context context;
  HttpTarget target;
  target.host = "127.0.0.1";
  target.port = port;
  HttpClient client{context.get_executor(), std::move(target)};
  return run_task(context, client.send(std::move(request), Duration{20'000}));
}

Result<void> Daemon::start(const std::function<bool()>& answers) {
  if (::access(command_.front().c_str(), X_OK) != 0) {
    return Error{Errc::not_found, command_.front() + " is not installed"};
  }
  std::vector<char*> arguments;
  for (auto& word : command_) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) run_program(arguments.data(), log_.c_str());
  if (pid_ < 0) return Error{Errc::io, "cannot fork"};
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (std::chrono::steady_clock::now() < give_up) {
    if (has_ended()) return Error{Errc::io, command_.front() + " ended at once: " + log()};
    if (answers()) return {};
    ::poll(nullptr, 0, pause_ms);
  }
  return Error{Errc::timeout, command_.front() + " does not answer: " + log()};
}

bool Daemon::has_ended() {
  if (pid_ <= 0 || ::waitpid(pid_, nullptr, WNOHANG) == 0) return pid_ <= 0;
  pid_ = -1;
  return true;
}

void Daemon::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!has_ended() && std::chrono::steady_clock::now() < give_up) {
    ::poll(nullptr, 0, pause_ms);
  }
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string Daemon::log() const {
  const auto text = read_file(log_);
  return text ? *text : text.error().message;
}

}  // namespace plimsoll
