#include "support/influxd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>

#include "runtime/files.h"
#include "runtime/http_client.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

constexpr const char* program = "/usr/bin/influxd";
constexpr int pause_ms = 20;
constexpr int attempts = 5;  // another program may take the port in between

std::uint16_t free_port() {
  asio::io_context context;
  const asio::ip::tcp::endpoint any{asio::ip::address_v4::loopback(), 0};
  const asio::ip::tcp::acceptor acceptor{context, any};
  return acceptor.local_endpoint().port();
}

Result<HttpResponse> exchange(std::uint16_t port, HttpRequest request) {
  asio::io_context context;
  HttpClient client{context.get_executor(), HttpTarget{"127.0.0.1", port, "", ""}};
  return run_task(context, client.send(std::move(request), Duration{20'000}));
}

[[noreturn]] void run_program(const char* config, const char* log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) ::_exit(126);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execl(program, "influxd", "-config", config, static_cast<char*>(nullptr));
  ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<Influxd>> Influxd::start(Auth auth) {
  if (::access(program, X_OK) != 0) {
    return Error{Errc::not_found, "influxd is not installed (Debian's package influxdb)"};
  }
  Result<void> launched = Error{Errc::io, "not tried"};
  for (int i = 0; i < attempts && !launched; ++i) {
    std::unique_ptr<Influxd> server{new Influxd(auth)};
    server->port_ = free_port();
    server->write_config();
    launched = server->launch();
    if (launched) launched = server->make_user();
    if (launched) return server;
  }
  return launched.error();
}

Influxd::~Influxd() { stop(); }

void Influxd::write_config() const {
  const auto folder = folder_.path().string();
  std::ofstream{folder_.path() / "influxd.conf"} << fmt::format(
      "reporting-disabled = true\nbind-address = \"127.0.0.1:0\"\n"
      "[meta]\n  dir = \"{0}/meta\"\n"
      "[data]\n  dir = \"{0}/data\"\n  wal-dir = \"{0}/wal\"\n  query-log-enabled = false\n"
      "[http]\n  bind-address = \"127.0.0.1:{1}\"\n  log-enabled = false\n  auth-enabled = {2}\n",
      folder, port_, auth_ == Auth::password);
}

Result<void> Influxd::launch() {
  const auto config = (folder_.path() / "influxd.conf").string();
  const auto log = (folder_.path() / "log").string();
  pid_ = ::fork();
  if (pid_ == 0) run_program(config.c_str(), log.c_str());
  if (pid_ < 0) return Error{Errc::io, "cannot fork"};
  return wait_until_it_answers();
}

Result<void> Influxd::wait_until_it_answers() {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (std::chrono::steady_clock::now() < give_up) {
    if (has_ended()) return Error{Errc::io, "influxd ended at once: " + log()};
    HttpRequest ping;
    ping.target = "/ping";
    const auto answer = exchange(port_, std::move(ping));
    if (answer && answer->ok()) return {};
    ::poll(nullptr, 0, pause_ms);
  }
  return Error{Errc::timeout, "influxd does not answer: " + log()};
}

Result<void> Influxd::make_user() {
  if (auth_ == Auth::none) return {};
  const auto made =
      query("CREATE USER admin WITH PASSWORD 'o\\'pen \"se\\\\same: ä' WITH ALL PRIVILEGES");
  if (!made) return made.error();
  user_ = "admin";
  password_ = "o'pen \"se\\same: ä";
  return {};
}

Result<std::string> Influxd::query(const std::string& influxql, const std::string& database) const {
  HttpRequest request;
  request.method = "POST";
  request.target = fmt::format("/query?u={}&p={}", user_, percent_encode(password_));
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body =
      fmt::format("epoch=ms&db={}&q={}", percent_encode(database), percent_encode(influxql));
  auto answer = exchange(port_, std::move(request));
  if (!answer) return answer.error();
  if (answer->body.find("\"error\"") != std::string::npos)
    return Error{Errc::refused, answer->body};
  return std::move(answer->body);
}

Result<void> Influxd::start_again() {
  stop();
  return launch();
}

bool Influxd::has_ended() {
  if (pid_ <= 0 || ::waitpid(pid_, nullptr, WNOHANG) == 0) return pid_ <= 0;
  pid_ = -1;
  return true;
}

void Influxd::stop() {
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

std::string Influxd::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

std::string Influxd::log() const {
  const auto text = read_file(folder_.path() / "log");
  return text ? *text : text.error().message;
}

}  // namespace plimsoll
