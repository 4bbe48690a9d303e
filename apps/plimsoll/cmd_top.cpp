#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "commands.h"
#include "fleet/fleet_json.h"
#include "fleet/fleet_table.h"
#include "open_store.h"
#include "run.h"
#include "screen.h"

namespace plimsoll {
namespace {

struct Options {
  bool once = false;
  bool json = false;
  bool stored = false;
  std::string at;
};

/// The hosts of host.csv, and with --stored those that only the store knows.
Task<Result<HostList>> hosts_to_show(Store* store, HostList hosts, Options options, TimePoint now) {
  if (!options.stored) co_return hosts;
  LatestQuery query{"Monitor", {}, now - std::chrono::hours{24}};
  const auto points = co_await store->latest(std::move(query));
  if (!points) co_return points.error();
  for (const auto& point : *points) {
    for (const auto& [key, value] : point.tags) {
      const auto named = [&](const Host& host) { return host.name.str() == value; };
      if (key != "host" || std::any_of(hosts.begin(), hosts.end(), named)) continue;
      auto& host = hosts.emplace_back();
      host.name = HostId{value};
      host.address = value;
    }
  }
  co_return hosts;
}

class Top {
 public:
  Top(Config config, HostList hosts, Options options, std::optional<TimePoint> at)
      : config_(std::move(config)),
        hosts_(std::move(hosts)),
        options_(std::move(options)),
        at_(at) {}

  Task<int> run();

 private:
  Task<Result<FleetView>> read();
  Task<int> once();
  Task<int> live();
  [[nodiscard]] bool is_live() const {
    return !options_.once && !options_.json && !at_ && is_terminal();
  }

  Config config_;
  HostList hosts_;
  Options options_;
  std::optional<TimePoint> at_;
  OpenedStore store_;
};

Task<Result<FleetView>> Top::read() {
  const TimePoint now = at_.value_or(wall_clock_now());
  const auto hosts = co_await hosts_to_show(store_.store.get(), hosts_, options_, now);
  if (!hosts) co_return hosts.error();
  co_return co_await read_fleet_view(*store_.store, *hosts, config_.policy, now);
}

Task<int> Top::once() {
  const auto view = co_await read();
  if (!view) co_return fail(view.error());
  TableStyle style = terminal_style();
  style.height = 0;
  if (options_.json) {
    fmt::print("{}\n", render_fleet_json(*view));
  } else {
    fmt::print("{}", render_fleet_table(*view, style));
  }
  co_return exit_ok;
}

Task<int> Top::live() {
  const auto executor = co_await asio::this_coro::executor;
  Screen screen{executor};
  const Duration pause = std::min(config_.monitor.interval, Duration{2'000});
  for (;;) {
    const auto view = co_await read();
    const TableStyle style = terminal_style();
    const std::string trouble = view ? std::string{} : "plimsoll: " + view.error().message + "\n";
    screen.draw(view ? render_fleet_table(*view, style) : trouble);
    const auto event = co_await screen.wait(pause);
    if (event == Screen::Event::quit) co_return exit_ok;
  }
}

Task<int> Top::run() {
  using namespace asio::experimental::awaitable_operators;
  auto store = co_await open_store(config_, Absence::fails);
  if (!store) co_return fail(store.error());
  store_ = std::move(*store);
  if (!is_live()) co_return co_await once();
  const auto executor = co_await asio::this_coro::executor;
  StopSignal stop{executor};
  auto race = live() || stop.wait();
  co_await std::move(race);
  co_return exit_ok;
}

int run(const Options& options, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  auto hosts = context.hosts(*config);
  if (!hosts) return exit_usage;
  std::optional<TimePoint> at;
  if (!options.at.empty()) {
    const auto time = parse_rfc3339(options.at);
    if (!time) return fail_usage("--at: " + time.error().message);
    at = *time;
  }
  Top top{std::move(*config), std::move(*hosts), options, at};
  asio::io_context io{1};
  return run_to_end(io, top.run());
}

}  // namespace

void add_top(CLI::App& app, CommandContext& context) {
  const auto command = add_command<Options>(
      app, context,
      {"top", "The fleet in this terminal: every host against its line, and what loads it",
       "  plimsoll top                            # live; q quits\n"
       "  plimsoll top --once --json | jq '.hosts[] | select(.over_line)'\n"
       "  plimsoll top --stored --at 2023-07-28T19:17:04Z    # what was replayed\n"},
      run);
  auto& options = *command.options;
  command.app->add_flag("--once", options.once, "Print the table once and end");
  command.app->add_flag("--json", options.json, "Print JSON once and end");
  command.app->add_flag("--stored", options.stored,
                        "Also hosts that the store knows and host.csv does not");
  command.app->add_option("--at", options.at, "As it was then")->type_name("TIME");
}

}  // namespace plimsoll
