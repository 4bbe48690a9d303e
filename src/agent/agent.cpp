#include "agent/agent.h"

#include <algorithm>

#include "agent/agent_server.h"
#include "agent/docker_watch.h"
#include "agent/sampler.h"
#include "runtime/deadline.h"
#include "runtime/files.h"
#include "runtime/http_server.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

constexpr Duration first_interval{200};
constexpr std::size_t connections_max = 256;

Result<void> check(const AgentConfig& config) {
  if (config.sample_every < Duration{100} || config.sample_every > Duration{3'600'000}) {
    return Error{Errc::invalid, "agent.sample_every: must be from 100ms to 1h"};
  }
  if (!config.scope.empty() &&
      (!config.scope.starts_with('/') || config.scope.find("..") != std::string::npos)) {
    return Error{Errc::invalid, "agent.scope: must be a cgroup such as /plimsoll"};
  }
  if (config.docker.empty()) return {};
  const auto target = parse_http_target(config.docker);
  if (!target) return target.error().in("agent.docker");
  return {};
}

}  // namespace

class Agent::Impl {
 public:
  explicit Impl(AgentConfig config)
      : config_(std::move(config)),
        sampler_(HostFs{config_.root}, config_.scope, PLIMSOLL_VERSION),
        pool_(1) {}

  Task<Result<void>> run();
  [[nodiscard]] std::uint16_t port() const { return http_ ? http_->port() : std::uint16_t{0}; }

 private:
  Result<void> start(const asio::any_io_executor& executor);
  Result<void> load_token();
  Task<> work();
  Task<> sample_forever();
  Task<Result<HostReading>> sample(DockerViewPtr view);

  AgentConfig config_;
  Sampler sampler_;  ///< Touched by the pool's thread only, once run() has begun.
  std::shared_ptr<AgentServer> server_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<DockerWatch> watch_;
  std::string last_problem_;
  asio::thread_pool pool_;  ///< Last: its thread ends before what it uses goes.
};

Result<void> Agent::Impl::load_token() {
  if (config_.token_file.empty()) return {};
  auto token = read_secret(config_.token_file);
  if (!token) return token.error().in("agent.token_file");
  server_->set_token(std::move(*token));
  return {};
}

Result<void> Agent::Impl::start(const asio::any_io_executor& executor) {
  const auto checked = check(config_);
  if (!checked) return checked.error();
  AgentServerConfig server;
  server.stale_after = std::max(config_.sample_every * 5, Duration{10'000});
  server_ = std::make_shared<AgentServer>(executor, server, wall_clock_now);
  const auto token = load_token();
  if (!token) return token.error();
  if (!config_.docker.empty()) {
    DockerWatchConfig docker;
    docker.url = config_.docker;
    watch_ = std::make_unique<DockerWatch>(executor, docker);
  }
  HttpServerConfig http;
  http.listen = config_.listen;
  http.connections_max = connections_max;
  auto started = HttpServer::start(executor, http, server_);
  if (!started) return started.error().in("agent.listen");
  http_ = std::move(*started);
  log::info("agent: listening on {}", http_->address());
  return {};
}

Task<Result<void>> Agent::Impl::run() {
  const auto started = start(co_await asio::this_coro::executor);
  if (!started) co_return started.error();
  std::string problem;
  try {
    co_await work();
  } catch (const std::exception& thrown) {
    problem = thrown.what();
  }
  http_.reset();
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return Result<void>{};
  co_return Error{Errc::io, "agent: stopped: " + problem};
}

Task<> Agent::Impl::work() {
  using namespace asio::experimental::awaitable_operators;
  if (watch_) {
    co_await (watch_->run() && sample_forever());
  } else {
    co_await sample_forever();
  }
}

Task<> Agent::Impl::sample_forever() {
  static const auto no_engine = std::make_shared<const DockerView>();
  auto next = std::chrono::steady_clock::now();
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor};
  bool sampled = false;
  // The first call has nothing to compare with, which is no problem of anybody's.
  bool first = true;
  for (;; first = false) {
    auto work = sample(watch_ ? watch_->view() : no_engine);
    auto reading = co_await asio::co_spawn(pool_, std::move(work), asio::use_awaitable);
    if (reading) {
      sampled = true;
      last_problem_.clear();
      server_->publish(std::move(*reading));
    } else if (!first && reading.error().message != last_problem_) {
      last_problem_ = reading.error().message;
      log::warning("agent: {}", last_problem_);
    }
    const auto token = load_token();
    if (!token) log::warning("{}; the old token stays in force", token.error().message);
    // A sample that was late is not made up for: two close together would be noise.
    const auto now = std::chrono::steady_clock::now();
    next = std::max(next + (sampled ? config_.sample_every : first_interval), now);
    timer.expires_at(next);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

Task<Result<HostReading>> Agent::Impl::sample(DockerViewPtr view) {
  const Moment now{wall_clock_now(), std::chrono::steady_clock::now()};
  co_return sampler_.sample(*view, now);
}

Agent::Agent(AgentConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
Agent::~Agent() = default;

Task<Result<void>> Agent::run() { return impl_->run(); }

std::uint16_t Agent::port() const { return impl_->port(); }

}  // namespace plimsoll
