#include <fmt/format.h>

#include "commands.h"
#include "decide/render.h"
#include "moving.h"
#include "run.h"

namespace plimsoll {
namespace {

struct Options {
  bool json = false;
};

Task<int> print_plan(Config config, HostList hosts, Options options) {
  const auto moving = co_await Moving::open(std::move(config), std::move(hosts), nullptr);
  if (!moving) co_return fail(moving.error());
  const auto report = co_await (*moving)->orchestrator().plan();
  if (!report) co_return fail(report.error());
  for (const auto& problem : report->problems) fmt::print(stderr, "plimsoll: {}\n", problem);
  if (options.json) {
    fmt::print("{}\n", render_json(report->plan));
  } else {
    fmt::print("{}", render_text(report->plan));
  }
  co_return exit_ok;
}

int run(const Options& options, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  auto hosts = context.hosts(*config);
  if (!hosts) return exit_usage;
  asio::io_context io{1};
  return run_to_end(io, print_plan(std::move(*config), std::move(*hosts), options));
}

}  // namespace

void add_plan(CLI::App& app, CommandContext& context) {
  const auto command =
      add_command<Options>(app, context,
                           {"plan", "What would be moved now, and why; what was rejected, and why",
                            "  plimsoll plan\n"
                            "  plimsoll plan --json | jq '.moves[].reason'\n"},
                           run);
  command.app->add_flag("--json", command.options->json, "Print JSON");
}

}  // namespace plimsoll
