#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <optional>

#include "agent/agent.h"
#include "commands.h"
#include "live_config.h"
#include "monitor_service.h"
#include "orchestrator_part.h"
#include "run.h"
#include "runtime/http_client.h"
#include "runtime/log.h"
#include "web/web_server.h"

namespace plimsoll {
namespace {

struct Options {
  bool with_agent = false;
};

/// Whether a container engine answers there.
Task<bool> engine_answers(std::string url) {
  const auto executor = co_await asio::this_coro::executor;
  const auto target = parse_http_target(url);
  if (!target) co_return false;
  HttpClient client{executor, *target};
  HttpRequest ping;
  ping.target = "/_ping";
  constexpr Duration timeout{2'000};
  const auto answer = co_await client.send(std::move(ping), timeout);
  co_return answer && answer->ok();
}

class Up {
 public:
  Up(Config config, Options options, CommandContext context)
      : config_(std::move(config)), options_(options), context_(std::move(context)) {}

  Task<int> run();

 private:
  Task<Result<void>> start();
  Task<> run_orchestrator();
  Task<Result<void>> run_agent();
  Task<> say_what_is_missing();
  void say_where() const;
  void follow_config(const asio::any_io_executor& executor);
  void reconfigure(const Config& changed);
  static KeyUse use_of(std::string_view key);
  Task<> stop();

  Config config_;
  Options options_;
  CommandContext context_;
  std::shared_ptr<MonitorService> service_;
  std::unique_ptr<HttpServer> web_;
  std::shared_ptr<StoreFleetSource> fleet_;
  std::unique_ptr<OrchestratorPart> orchestrator_;
  std::unique_ptr<LiveConfig> live_;
  std::optional<Config> changed_;
};

Task<Result<void>> Up::start() {
  const auto executor = co_await asio::this_coro::executor;
  follow_config(executor);
  auto service = co_await MonitorService::start(config_);
  if (!service) co_return service.error();
  service_ = std::move(*service);
  auto hosts = [service = service_] { return service->hosts().hosts(); };
  fleet_ = std::make_shared<StoreFleetSource>(service_->store(), std::move(hosts), config_.policy);
  auto web = start_web(executor, config_.web, fleet_);
  if (!web) co_return web.error();
  web_ = std::move(*web);
  orchestrator_ = make_orchestrator_part(executor, config_, service_->store(), service_->hosts());
  if (orchestrator_) asio::co_spawn(executor, run_orchestrator(), asio::detached);
  if (changed_) reconfigure(*changed_);
  co_return Result<void>{};
}

/// What of [orchestrator] the decision reads each time; the rest is read once, at the start.
KeyUse Up::use_of(std::string_view key) {
  constexpr std::array at_start{"orchestrator.mode",          "orchestrator.strategy",
                                "orchestrator.retention",     "orchestrator.step_timeout",
                                "orchestrator.stall_timeout", "orchestrator.health_timeout",
                                "orchestrator.stable_for"};
  if (key.starts_with("orchestrator.") && std::ranges::find(at_start, key) == at_start.end()) {
    return KeyUse::live;
  }
  const auto use = MonitorService::use_of(key);
  return use == KeyUse::none ? KeyUse::restart : use;
}

void Up::follow_config(const asio::any_io_executor& executor) {
  LiveConfig::Parts parts;
  parts.running = config_;
  parts.load = [this](const auto& file) { return context_.try_config(file); };
  parts.use = use_of;
  parts.apply = [this](const Config& changed) {
    changed_ = changed;
    if (web_) reconfigure(changed);
  };
  live_ = std::make_unique<LiveConfig>(executor, std::move(parts));
}

/// Requires: all parts have been started.
void Up::reconfigure(const Config& changed) {
  service_->reconfigure(changed);
  fleet_->set_policy(changed.policy);
  if (orchestrator_) orchestrator_->set_policy(changed.policy);
}

Task<> Up::run_orchestrator() {
  const auto ended = co_await orchestrator_->run();
  if (!ended) log::error("{}; nothing is moved, monitoring goes on", ended.error().message);
}

/// Ends only by a failure, or by being cancelled.
Task<Result<void>> Up::run_agent() {
  if (options_.with_agent) {
    Agent agent{config_.agent};
    const auto ended = co_await agent.run();
    if (!ended) co_return ended.error().in("agent");
    co_return Result<void>{};
  }
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer never{executor, asio::steady_timer::time_point::max()};
  co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return Result<void>{};
}

Task<> Up::say_what_is_missing() {
  if (!options_.with_agent || config_.agent.docker.empty()) co_return;
  const bool answers = co_await engine_answers(config_.agent.docker);
  if (answers) co_return;
  fmt::print("No Docker engine answers at {}: the host is monitored, its containers are not.\n",
             config_.agent.docker);
}

void Up::say_where() const {
  const std::size_t count = service_->hosts().hosts().size();
  fmt::print("plimsoll watches {} host{} of {}, store: {}.\n", count, count == 1 ? "" : "s",
             service_->hosts().problem().empty() ? config_.hosts.string() : "the last good list",
             service_->store().describe());
  if (orchestrator_) fmt::print("Moves: {}.\n", orchestrator_->describe());
  fmt::print("The page: http://{}/   (Ctrl-C stops)\n", web_->address());
  std::fflush(stdout);
}

Task<> Up::stop() {
  live_.reset();
  web_.reset();
  if (orchestrator_) co_await orchestrator_->stop();
  if (service_) co_await service_->stop();
}

Task<int> Up::run() {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  StopSignal stop_signal{executor, Hangup::is_left_to_others};
  const auto started = co_await start();
  if (!started) {
    co_await stop();
    co_return fail(started.error());
  }
  co_await say_what_is_missing();
  say_where();
  auto race = run_agent() || stop_signal.wait();
  const auto first = co_await std::move(race);
  co_await stop();
  if (first.index() == 0 && !std::get<0>(first)) co_return fail(std::get<0>(first).error());
  log::info("stopped");
  co_return exit_ok;
}

int run(const Options& options, const CommandContext& context) {
  survive_hangup();
  auto config = context.config();
  if (!config) return exit_usage;
  CommandIo io;
  Up up{std::move(*config), options, context};
  return run_to_end(io, up.run());
}

}  // namespace

void add_up(const CommandLine& app, CommandContext& context) {
  const auto command =
      add_command<Options>(app, context,
                           {"up", "Run monitor, web page and orchestrator in one process",
                            "  plimsoll up --with-agent               # this machine too\n"
                            "  plimsoll up --set web.listen=127.0.0.1:9000\n"
                            "  plimsoll up --set orchestrator.mode=auto\n"},
                           run);
  command.line.add_flag("--with-agent", command.options->with_agent,
                        "Run this machine's agent in the same process");
}

}  // namespace plimsoll
