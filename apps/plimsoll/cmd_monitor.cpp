#include <optional>

#include "commands.h"
#include "live_config.h"
#include "monitor_service.h"
#include "run.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

struct Options {};

/// What a changed configuration is for: the service, or the one that is being started.
class Running {
 public:
  void started(std::shared_ptr<MonitorService> service) {
    service_ = std::move(service);
    if (changed_) service_->reconfigure(*changed_);
  }
  void reconfigure(const Config& changed) {
    changed_ = changed;
    if (service_) service_->reconfigure(changed);
  }

 private:
  std::shared_ptr<MonitorService> service_;
  std::optional<Config> changed_;
};

Task<int> monitor(Config config, CommandContext context) {
  const auto executor = co_await asio::this_coro::executor;
  StopSignal stop{executor, Hangup::is_left_to_others};
  auto running = std::make_shared<Running>();
  LiveConfig::Parts parts;
  parts.running = config;
  parts.load = [context](const auto& file) { return context.try_config(file); };
  parts.use = MonitorService::use_of;
  parts.apply = [running](const Config& changed) { running->reconfigure(changed); };
  const LiveConfig live{executor, std::move(parts)};
  auto service = co_await MonitorService::start(std::move(config));
  if (!service) co_return fail(service.error());
  running->started(*service);
  log::info("polling {} hosts, writing to {}", (*service)->hosts().hosts().size(),
            (*service)->store().describe());
  co_await stop.wait();
  co_await (*service)->stop();
  const auto counted = (*service)->monitor().counters();
  log::info("stopped: {} polls, {} failed, {} of {} points written", counted.polls,
            counted.polls_failed, counted.points_written, counted.points_made);
  co_return exit_ok;
}

int run(const Options& /*options*/, const CommandContext& context) {
  survive_hangup();
  auto config = context.config();
  if (!config) return exit_usage;
  asio::io_context io{1};
  return run_to_end(io, monitor(std::move(*config), context));
}

}  // namespace

void add_monitor(const CommandLine& app, CommandContext& context) {
  add_command<Options>(app, context,
                       {"monitor", "Poll every host of host.csv and write to the store",
                        "  plimsoll monitor\n"
                        "  plimsoll monitor --set monitor.interval=10s\n"
                        "  plimsoll monitor --set monitor.listen=127.0.0.1:5003   # its /metrics\n"
                        "  pkill -HUP -f 'plimsoll monitor'   # read plimsoll.toml again\n"
                        "  PLIMSOLL_STORE_PASSWORD=... plimsoll --config influx.toml monitor\n"},
                       run);
}

}  // namespace plimsoll
