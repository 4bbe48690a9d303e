#include "commands.h"
#include "monitor_service.h"
#include "run.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

struct Options {};

Task<int> monitor(Config config) {
  const auto executor = co_await asio::this_coro::executor;
  StopSignal stop{executor};
  auto service = co_await MonitorService::start(std::move(config));
  if (!service) co_return fail(service.error());
  log::info("polling {} hosts, writing to {}", (*service)->hosts().hosts().size(),
            (*service)->store().describe());
  co_await stop.wait();
  co_await (*service)->stop();
  const auto counted = (*service)->monitor().counters();
  log::info("stopped: {} polls, {} failed, {} points written", counted.polls, counted.polls_failed,
            counted.points_written);
  co_return exit_ok;
}

int run(const Options& /*options*/, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  asio::io_context io{1};
  return run_to_end(io, monitor(std::move(*config)));
}

}  // namespace

void add_monitor(CLI::App& app, CommandContext& context) {
  add_command<Options>(app, context,
                       {"monitor", "Poll every host of host.csv and write to the store",
                        "  plimsoll monitor\n"
                        "  plimsoll monitor --set monitor.interval=10s\n"
                        "  PLIMSOLL_STORE_PASSWORD=... plimsoll --config influx.toml monitor\n"},
                       run);
}

}  // namespace plimsoll
