#include "agent/agent.h"

#include <algorithm>

#include "agent/agent_server.h"
#include "agent/container_sampler.h"
#include "agent/docker_watch.h"
#include "agent/lean_memory.h"
#include "agent/sampler.h"
#include "runtime/deadline.h"
#include "runtime/http_server.h"
#include "runtime/log.h"
#include "runtime/secret_file.h"
#include "runtime/tls.h"

namespace plimsoll {
namespace {

constexpr Duration first_interval{200};
/// Samples after which all is set up and what the start needed can go.
constexpr int started_after = 5;
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
  if (target->tls) {
    return Error{Errc::invalid, "agent.docker: must be unix:///PATH or tcp://HOST:PORT"};
  }
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
  [[nodiscard]] Result<ProbeTrust> probe_trust() const;
  Task<> work();
  Task<> sample_forever();
  void count_start();
  void miss(const std::string& problem);
  Task<Result<HostReading>> sample(DockerViewPtr view);

  AgentConfig config_;
  Sampler sampler_;  ///< Touched by the pool's thread only, once run() has begun.
  std::shared_ptr<AgentServer> server_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<DockerWatch> watch_;
  std::string last_problem_;
  int starting_ = started_after;  ///< Samples until drop_startup_memory().
  asio::thread_pool pool_;        ///< Last: its thread ends before what it uses goes.
};

Result<ProbeTrust> Agent::Impl::probe_trust() const {
  ProbeTrust made;
  made.tls = !config_.tls_cert.empty();
  if (config_.tls_ca.empty()) return made;
  auto trust = TlsTrust::load(config_.tls_ca);
  if (!trust) return trust.error().in("monitor.tls_ca");
  made.trust = std::move(*trust);
  return made;
}

Result<void> Agent::Impl::start(const asio::any_io_executor& executor) {
  const auto checked = check(config_);
  if (!checked) return checked.error();
  AgentServerConfig server;
  server.stale_after = std::max(config_.sample_every * 5, Duration{10'000});
  auto trust = probe_trust();
  if (!trust) return trust.error();
  server.probe_trust = std::move(*trust);
  auto tokens = SecretFile::open(config_.token_file);
  if (!tokens) return tokens.error().in("agent.token_file");
  server_ = std::make_shared<AgentServer>(executor, server, wall_clock_now);
  server_->set_tokens(std::move(*tokens));
  if (!config_.docker.empty()) {
    DockerWatchConfig docker;
    docker.url = config_.docker;
    watch_ = std::make_unique<DockerWatch>(executor, docker);
    // What the engine tells is shown at once, not with the next sample.
    watch_->on_change([this] {
      server_->amend([this](HostReading& reading) { follow(*watch_->view(), reading); });
    });
    server_->on_writable_asked([this] { watch_->want_writable_sizes(); });
  }
  HttpServerConfig http;
  http.listen = config_.listen;
  http.connections_max = connections_max;
  http.tls_cert = config_.tls_cert;
  http.tls_key = config_.tls_key;
  auto started = HttpServer::start(executor, http, server_);
  if (!started) return started.error().in("agent");
  http_ = std::move(*started);
  server_->set_own_port(http_->port());
  log::info("agent: listening on {}{}{}", http_->address(),
            config_.tls_cert.empty() ? ", without TLS" : ", with TLS",
            config_.token_file.empty() ? ", without a token" : "");
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
  server_->on_writable_asked({});
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

void Agent::Impl::count_start() {
  if (starting_ == 0) return;
  --starting_;
  if (starting_ == 0) drop_startup_memory();
}

void Agent::Impl::miss(const std::string& problem) {
  server_->miss(problem);
  if (problem == last_problem_) return;
  last_problem_ = problem;
  log::warning("agent: {}", problem);
}

Task<> Agent::Impl::sample_forever() {
  static const auto no_engine = [] {
    auto view = std::make_shared<DockerView>();
    view->is_blind = true;
    return DockerViewPtr{std::move(view)};
  }();
  auto next = std::chrono::steady_clock::now();
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor};
  // The first call has nothing to compare with, which is no problem of anybody's.
  bool first = true;
  for (;; first = false) {
    const auto view = watch_ ? watch_->view() : no_engine;
    auto work = sample(view);
    auto reading = co_await asio::co_spawn(pool_, std::move(work), asio::use_awaitable);
    if (reading) {
      count_start();
      last_problem_.clear();
      if (watch_ && watch_->view() != view) follow(*watch_->view(), *reading);
      server_->publish(std::move(*reading));
    } else if (!first) {
      miss(reading.error().message);
    }
    // A sample that was late is not made up for: two close together would be noise.
    const auto now = std::chrono::steady_clock::now();
    next =
        std::max(next + (starting_ < started_after ? config_.sample_every : first_interval), now);
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
