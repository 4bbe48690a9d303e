#include "support/victoria_metrics.h"

#include <fmt/format.h>

#include "store/base64.h"

namespace plimsoll {
namespace {

constexpr const char* program = "/usr/bin/victoria-metrics";
constexpr int attempts = 5;  // another program may take the port in between

}  // namespace

Result<std::unique_ptr<VictoriaMetrics>> VictoriaMetrics::start(Auth auth) {
  Result<void> launched = Error{Errc::io, "not tried"};
  for (int i = 0; i < attempts && !launched; ++i) {
    std::unique_ptr<VictoriaMetrics> server{new VictoriaMetrics(auth)};
    launched = server->launch();
    if (launched) return server;
  }
  return launched.error();
}

Result<void> VictoriaMetrics::launch() {
  port_ = free_port();
  std::vector<std::string> command{program,
                                   "-storageDataPath=" + (folder_.path() / "data").string(),
                                   fmt::format("-httpListenAddr=127.0.0.1:{}", port_),
                                   "-retentionPeriod=100y",
                                   "-dedup.minScrapeInterval=1ms",
                                   "-memory.allowedBytes=256MB",
                                   "-loggerLevel=ERROR"};
  if (auth_ == Auth::password) {
    command.push_back("-httpAuth.username=" + user());
    command.push_back("-httpAuth.password=" + password());
  }
  daemon_.emplace(std::move(command), folder_.path() / "log");
  return start_again();
}

Result<void> VictoriaMetrics::start_again() {
  daemon_->stop();
  return daemon_->start([this] {
    const auto answer = get("/health");
    return answer && answer->ok();
  });
}

Result<HttpResponse> VictoriaMetrics::get(const std::string& target) const {
  HttpRequest request;
  request.target = target;
  if (auth_ == Auth::password) {
    request.headers.emplace_back("Authorization", "Basic " + base64(user() + ":" + password()));
  }
  return exchange(port_, std::move(request));
}

Result<void> VictoriaMetrics::flush() const {
  const auto answer = get("/internal/force_flush");
  if (!answer) return answer.error();
  if (!answer->ok()) return Error{Errc::io, "force_flush: " + answer->body};
  return {};
}

std::string VictoriaMetrics::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

}  // namespace plimsoll
