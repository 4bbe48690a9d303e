#include "support/influxd.h"

#include <fmt/format.h>

#include <fstream>

namespace plimsoll {
namespace {

constexpr const char* program = "/usr/bin/influxd";
constexpr int attempts = 5;  // another program may take the port in between

}  // namespace

Result<std::unique_ptr<Influxd>> Influxd::start(Auth auth) {
  Result<void> launched = Error{Errc::io, "not tried"};
  for (int i = 0; i < attempts && !launched; ++i) {
    std::unique_ptr<Influxd> server{new Influxd(auth)};
    server->port_ = free_port();
    server->write_config();
    server->daemon_.emplace(
        std::vector<std::string>{program, "-config", (server->folder_.path() / "influxd.conf")},
        server->folder_.path() / "log");
    launched = server->launch();
    if (launched) launched = server->make_user();
    if (launched) return server;
  }
  return launched.error();
}

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
  return daemon_->start([this] {
    HttpRequest ping;
    ping.target = "/ping";
    const auto answer = exchange(port_, std::move(ping));
    return answer && answer->ok();
  });
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

void Influxd::stop() { daemon_->stop(); }

std::string Influxd::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

}  // namespace plimsoll
