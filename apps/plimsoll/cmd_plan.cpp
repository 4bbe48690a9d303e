#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "commands.h"
#include "decide/render.h"
#include "moving.h"
#include "run.h"

namespace plimsoll {
namespace {

struct Options {
  bool json = false;
  std::string drain;
  std::string explain;
};

Task<Result<PlanReport>> make_plan(Orchestrator* orchestrator, const Options* options) {
  if (options->drain.empty()) {
    auto report = co_await orchestrator->plan();
    co_return report;
  }
  HostId host{options->drain};
  auto report = co_await orchestrator->plan_drain(std::move(host));
  co_return report;
}

/// A drain that leaves something running, or cannot be planned, did not give what was asked for.
int exit_code(const PlanReport& report, const Options& options) {
  const bool leaves_something = std::ranges::any_of(
      report.plan.rejected, [](const Rejection& each) { return each.rule != Rule::not_running; });
  if (options.drain.empty() || !leaves_something) return exit_ok;
  fmt::print(stderr, "plimsoll: {} would not be empty: see what is not done\n", options.drain);
  return exit_failed;
}

void print_text(const PlanReport& report, const Options& options) {
  if (!options.drain.empty() && report.plan.moves.empty() && report.plan.rejected.empty()) {
    fmt::print("Nothing to do: nothing runs on {}.\n", options.drain);
    return;
  }
  fmt::print("{}", render_text(report.plan));
}

Task<int> explain_one(Orchestrator* orchestrator, std::string name) {
  const auto text = co_await orchestrator->explain(std::move(name));
  if (!text) co_return fail(text.error());
  fmt::print("{}", *text);
  co_return exit_ok;
}

Task<int> print_plan(Config config, HostList hosts, Options options) {
  const auto moving = co_await Moving::open(std::move(config), std::move(hosts), nullptr);
  if (!moving) co_return fail(moving.error());
  Orchestrator* orchestrator = &(*moving)->orchestrator();
  if (!options.explain.empty()) {
    const int code = co_await explain_one(orchestrator, options.explain);
    co_return code;
  }
  const auto report = co_await make_plan(orchestrator, &options);
  if (!report) co_return fail(report.error());
  for (const auto& problem : report->problems) fmt::print(stderr, "plimsoll: {}\n", problem);
  if (options.json) {
    fmt::print("{}\n", render_json(report->plan));
  } else {
    print_text(*report, options);
  }
  co_return exit_code(*report, options);
}

int run(const Options& options, const CommandContext& context) {
  if (options.json && !options.explain.empty()) {
    return fail_usage(
        "--explain is for people: it has no --json; `plimsoll plan --json` has the "
        "same reasons under \"considered\" and \"rejected\"");
  }
  auto config = context.config();
  if (!config) return exit_usage;
  auto hosts = context.hosts(*config);
  if (!hosts) return exit_usage;
  asio::io_context io{1};
  return run_to_end(io, print_plan(std::move(*config), std::move(*hosts), options));
}

}  // namespace

void add_plan(const CommandLine& app, CommandContext& context) {
  const auto command =
      add_command<Options>(app, context,
                           {"plan", "What would be moved now, and why; what was rejected, and why",
                            "  plimsoll plan\n"
                            "  plimsoll plan --json | jq '.moves[].reason'\n"
                            "  plimsoll plan --drain node3      # how it would be emptied\n"
                            "  plimsoll plan --explain web      # why is it not moved?\n"},
                           run);
  command.line.add_flag("--json", command.options->json, "Print JSON");
  auto drain = command.line.add_option(
      "--drain", command.options->drain,
      "How HOST would be emptied, in order, and what would have to stay; nothing is moved");
  drain.type_name("HOST");
  command.line
      .add_option("--explain", command.options->explain,
                  "Why a host is, or is not, relieved or filled; why a container is not moved")
      .type_name("HOST|CONTAINER")
      .excludes(drain);
}

}  // namespace plimsoll
