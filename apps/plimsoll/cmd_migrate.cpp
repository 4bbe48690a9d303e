#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "commands.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "decide/render.h"
#include "moving.h"

namespace plimsoll {
namespace {

struct Options {
  std::string container;
  std::string from;
  std::string to;
  bool dry_run = false;
  bool detach = false;
  bool force = false;
  bool json = false;
  bool cold = false;
};

/// What a move will do, for --dry-run; what cold leaves out begins with "warm".
constexpr std::array forecast{
    "preflight: engines, architecture, free space, name, ports, volumes",
    "image: the layers that are missing there are sent while the container runs",
    "create the copy at the destination, not started; compare every field",
    "warm: writable layer and volumes are sent ahead, in rounds, while the container runs",
    "fence the source: restart policy 'no'",
    "stop the source (the downtime begins)",
    "the rest of the writable layer and volumes; digests of both sides compared",
    "start the copy under a lease (the downtime ends), check that it is healthy",
    "commit; final name and restart policy",
    "the old host forwards the published TCP ports for a while",
    "the source is kept, stopped, under another name, until its retention is over",
};

void print_forecast(const Move& move, bool warm) {
  fmt::print("Would move '{}' from {} to {}: {}.\n", move.container.str(), move.from.str(),
             move.to.str(), move.reason);
  int number = 0;
  for (const std::string_view line : forecast) {
    if (line.starts_with("warm") && !warm) continue;
    fmt::print("  {}. {}\n", ++number, line);
  }
  const auto& predicted = move.predicted;
  fmt::print("Predicted: {} to send, {:.1f} s of transfer at {}/s{}, {:.1f} s of downtime.\n",
             format_bytes(count(predicted.bytes)), predicted.transfer_s,
             format_bytes(static_cast<std::uint64_t>(predicted.bytes_per_s)),
             predicted.measured ? "" : " (assumed, not measured)", predicted.downtime_s);
}

/// Why it is not to be: a host that could not be asked is said with its reason only, not as unread
/// too.
std::vector<std::string> reasons_against(const PlanReport& report, const Options& options) {
  auto reasons = report.problems;
  for (const Rejection& rejection : report.plan.rejected) {
    if (rejection.rule == Rule::not_read && !report.problems.empty()) continue;
    const std::string host = rejection.host ? rejection.host->str() : "the fleet";
    const bool about_source = rejection.container && host == options.from;
    reasons.push_back(fmt::format(
        "{}{}: {}",
        about_source ? fmt::format("container '{}' on ", printable(options.container)) : "", host,
        rejection.detail));
  }
  return reasons;
}

int explain_refusal(const PlanReport& report, const Options& options) {
  if (options.json) fmt::print("{}\n", render_json(report.plan));
  const auto reasons = reasons_against(report, options);
  const bool one = reasons.size() == 1;
  for (const auto& reason : reasons) {
    fmt::print(stderr, "plimsoll: {}{}", reason, one ? "; " : "\n");
  }
  const bool unwise = std::ranges::any_of(report.plan.rejected, [](const Rejection& rejection) {
    return may_be_forced(rejection.rule);
  });
  fmt::print(
      stderr, "{}'{}' was not moved{}\n", one ? "" : "plimsoll: ", printable(options.container),
      unwise && !options.force ? "; --force overrules what is only unwise, not what is impossible"
                               : "");
  return exit_failed;
}

int hand_over(Moving& moving, const MoveRecord& record, const Options& options) {
  if (const auto approved = moving.journal().approve(record.id); !approved) {
    return fail(approved.error());
  }
  const auto kept = moving.journal().find(record.id);
  if (options.json && kept) {
    fmt::print("{}\n", render_json(*kept));
  } else {
    fmt::print("Move {} is approved; the running orchestrator takes it up. plimsoll show {}\n",
               record.id.str(), record.id.str());
  }
  return exit_ok;
}

Task<int> migrate(Config config, HostList hosts, Options options) {
  ConsoleObserver observer{options.json};
  if (options.cold) config.orchestrator.strategy = Strategy::cold;
  const bool warm = config.orchestrator.strategy == Strategy::warm;
  auto opened = co_await Moving::open(std::move(config), std::move(hosts), &observer);
  if (!opened) co_return fail(opened.error());
  Moving& moving = **opened;
  ManualMove wanted{ContainerName{options.container}, HostId{options.from}, std::nullopt,
                    options.force};
  if (options.to != "auto") wanted.to = HostId{options.to};
  const auto report = co_await moving.orchestrator().plan_by_hand(std::move(wanted));
  if (!report) co_return fail(report.error());
  if (report->plan.moves.empty()) co_return explain_refusal(*report, options);
  const Move& move = report->plan.moves.front();
  if (options.dry_run) {
    if (options.json) {
      fmt::print("{}\n", render_json(report->plan));
    } else {
      print_forecast(move, warm);
    }
    co_return exit_ok;
  }
  const auto records = moving.orchestrator().propose({move});
  if (!records) co_return fail(records.error());
  const MoveRecord* record = &records->front();
  if (options.detach) co_return hand_over(moving, *record, options);
  std::vector<MoveRecord> one{*record};
  const auto ended = co_await run_in_turn(&moving, std::move(one), options.json);
  if (!ended) co_return fail(ended.error());
  co_return tell_end(ended->front(), options.json);
}

int run(const Options& options, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  auto hosts = context.hosts(*config);
  if (!hosts) return exit_usage;
  for (const auto& name : {options.from, options.to}) {
    const bool known = std::any_of(hosts->begin(), hosts->end(),
                                   [&](const Host& host) { return host.name.str() == name; });
    if (!known && name != "auto") {
      return fail_usage(fmt::format("no host '{}': {} does not name it", printable(name),
                                    config->hosts.string()));
    }
  }
  if (options.from == options.to) return fail_usage("--from and --to are the same host");
  return run_moving(migrate(std::move(*config), std::move(*hosts), options));
}

}  // namespace

void add_migrate(const CommandLine& app, CommandContext& context) {
  const auto command =
      add_command<Options>(app, context,
                           {"migrate", "Move one container by hand, with everything it has written",
                            "  plimsoll migrate web --from h1 --to h2\n"
                            "  plimsoll migrate web --from h1 --to auto --dry-run\n"},
                           run);
  auto& options = *command.options;
  command.line.add_option("container", options.container, "The container's name").required();
  command.line.add_option("--from", options.from, "The host it runs on").required();
  command.line
      .add_option("--to", options.to, "The host it goes to, or auto: the quickest with room")
      .required();
  command.line.add_flag("--dry-run", options.dry_run,
                        "Only say what would be done, and predict it");
  command.line.add_flag("--detach", options.detach, "Leave it to the running orchestrator");
  command.line.add_flag("--force", options.force, "Overrule what is only unwise");
  command.line.add_flag("--cold", options.cold,
                        "Copy everything while it stands still, nothing ahead");
  command.line.add_flag("--json", options.json, "Print the move's record at the end");
}

}  // namespace plimsoll
