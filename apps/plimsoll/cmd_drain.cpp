#include <fmt/format.h>

#include <algorithm>

#include "commands.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "decide/render.h"
#include "moving.h"
#include "run.h"

namespace plimsoll {
namespace {

struct DrainOptions {
  std::string host;
  bool dry_run = false;
  bool json = false;
};

bool has_to_stay(const Rejection& rejection) { return rejection.rule != Rule::not_running; }

/// What a drain leaves on the host, and why.
bool tell_what_stays(const Plan& plan) {
  bool any = false;
  for (const Rejection& rejection : plan.rejected) {
    if (!has_to_stay(rejection)) continue;
    if (!any) fmt::print(stderr, "plimsoll: has to stay:\n");
    any = true;
    fmt::print(stderr, "  {}: {}\n",
               rejection.container ? printable(rejection.container->str()) : std::string{"(host)"},
               rejection.detail);
  }
  return any;
}

int tell_moves(const std::vector<MoveRecord>& ended, std::size_t wanted, bool stays,
               const DrainOptions& options) {
  if (options.json) fmt::print("{}\n", render_json(ended));
  const bool all = ended.size() == wanted && std::ranges::all_of(ended, [](const MoveRecord& one) {
                     return is_success(one.progress.state);
                   });
  if (!all && !ended.empty()) return tell_end(ended.back(), false);
  if (!options.json && !stays) {
    fmt::print("{} is empty and receives nothing: plimsoll undrain {}\n", options.host,
               options.host);
  }
  return stays ? exit_failed : exit_ok;
}

Task<int> empty_host(Config config, HostList hosts, DrainOptions options) {
  ConsoleObserver observer{options.json};
  auto opened = co_await Moving::open(std::move(config), std::move(hosts), &observer);
  if (!opened) co_return fail(opened.error());
  Moving* moving = opened->get();
  HostId host{options.host};
  if (!options.dry_run) {
    const auto marked = moving->journal().set_drained(host, true);
    if (!marked) co_return fail(marked.error());
  }
  const auto report = co_await moving->orchestrator().plan_drain(std::move(host));
  if (!report) co_return fail(report.error());
  for (const auto& problem : report->problems) fmt::print(stderr, "plimsoll: {}\n", problem);
  if (options.dry_run) {
    fmt::print("{}", options.json ? render_json(report->plan) + "\n" : render_text(report->plan));
    co_return std::ranges::any_of(report->plan.rejected, has_to_stay) ? exit_failed : exit_ok;
  }
  const bool stays = tell_what_stays(report->plan);
  const auto records = moving->orchestrator().propose(report->plan.moves);
  if (!records) co_return fail(records.error());
  const auto ended = co_await run_in_turn(moving, *records, options.json);
  if (!ended) co_return fail(ended.error());
  co_return tell_moves(*ended, records->size(), stays, options);
}

bool is_known(const HostList& hosts, const std::string& name) {
  return std::ranges::any_of(hosts, [&](const Host& host) { return host.name.str() == name; });
}

int drain(const DrainOptions& options, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  auto hosts = context.hosts(*config);
  if (!hosts) return exit_usage;
  if (!is_known(*hosts, options.host)) {
    return fail_usage(fmt::format("no host '{}': {} does not name it", printable(options.host),
                                  config->hosts.string()));
  }
  return run_moving(empty_host(std::move(*config), std::move(*hosts), options));
}

int undrain(const DrainOptions& options, const CommandContext& context) {
  const auto config = context.config();
  if (!config) return exit_usage;
  auto journal = open_journal(*config);
  if (!journal) return fail(journal.error());
  const auto drained = journal->drained();
  if (!drained) return fail(drained.error());
  if (!drained->contains(HostId{options.host})) {
    return fail(Error{Errc::not_found, printable(options.host) + " is not drained"});
  }
  const auto taken_off = journal->set_drained(HostId{options.host}, false);
  if (!taken_off) return fail(taken_off.error());
  fmt::print("{} may receive again.\n", options.host);
  return exit_ok;
}

}  // namespace

void add_drain(const CommandLine& app, CommandContext& context) {
  const auto out = add_command<DrainOptions>(
      app, context,
      {"drain", "Empty a host: every container moves off, and none comes until undrain",
       "  plimsoll drain node3 --dry-run\n"
       "  plimsoll drain node3\n"},
      drain);
  out.line.add_option("host", out.options->host, "The host to empty").required();
  out.line.add_flag("--dry-run", out.options->dry_run,
                    "Only say how, in which order, and what has to stay");
  out.line.add_flag("--json", out.options->json, "Print JSON");

  const auto in = add_command<DrainOptions>(
      app, context, {"undrain", "Let a drained host receive again", "  plimsoll undrain node3\n"},
      undrain);
  in.line.add_option("host", in.options->host, "The host").required();
}

}  // namespace plimsoll
