#include <fmt/format.h>

#include "commands.h"
#include "moving.h"

namespace plimsoll {
namespace {

struct HistoryOptions {
  std::size_t limit = 20;
  bool json = false;
};

struct MoveOptions {
  std::string id;
  bool json = false;
};

int history(const HistoryOptions& options, const CommandContext& context) {
  const auto config = context.config();
  if (!config) return exit_usage;
  auto journal = open_journal(*config);
  if (!journal) return fail(journal.error());
  const auto records = journal->newest(options.limit);
  if (!records) return fail(records.error());
  if (options.json) {
    fmt::print("{}\n", render_json(*records));
  } else {
    fmt::print("{}", render_text(*records));
  }
  return exit_ok;
}

int show(const MoveOptions& options, const CommandContext& context) {
  const auto config = context.config();
  if (!config) return exit_usage;
  auto journal = open_journal(*config);
  if (!journal) return fail(journal.error());
  const auto record = journal->find(MoveId{options.id});
  if (!record) return fail(record.error());
  if (options.json) {
    fmt::print("{}\n", render_json(*record));
    return exit_ok;
  }
  fmt::print("{}", render_text(*record));
  if (record->progress.state == MoveState::quarantined) fmt::print("{}", quarantine_help(*record));
  return exit_ok;
}

int approve(const MoveOptions& options, const CommandContext& context) {
  const auto config = context.config();
  if (!config) return exit_usage;
  auto journal = open_journal(*config);
  if (!journal) return fail(journal.error());
  const auto approved = journal->approve(MoveId{options.id});
  if (!approved) return fail(approved.error());
  fmt::print("Approved; the running orchestrator takes it up. plimsoll show {}\n", options.id);
  return exit_ok;
}

int reject(const MoveOptions& options, const CommandContext& context) {
  const auto config = context.config();
  if (!config) return exit_usage;
  auto journal = open_journal(*config);
  if (!journal) return fail(journal.error());
  const auto rejected = journal->reject(MoveId{options.id});
  if (!rejected) return fail(rejected.error());
  fmt::print("Rejected; the same plan may come again while the host stays over its line.\n");
  return exit_ok;
}

Task<int> take_back(Config config, HostList hosts, MoveOptions options) {
  ConsoleObserver observer{options.json};
  auto moving = co_await Moving::open(std::move(config), std::move(hosts), &observer);
  if (!moving) co_return fail(moving.error());
  const auto record = (*moving)->orchestrator().propose_undo(MoveId{options.id});
  if (!record) co_return fail(record.error());
  std::vector<MoveRecord> one{*record};
  const auto ended = co_await run_in_turn(moving->get(), std::move(one), options.json);
  if (!ended) co_return fail(ended.error());
  co_return tell_end(ended->front(), options.json);
}

int undo(const MoveOptions& options, const CommandContext& context) {
  auto config = context.config();
  if (!config) return exit_usage;
  auto hosts = context.hosts(*config);
  if (!hosts) return exit_usage;
  return run_moving(take_back(std::move(*config), std::move(*hosts), options));
}

}  // namespace

void add_moves(const CommandLine& app, CommandContext& context) {
  const auto list =
      add_command<HistoryOptions>(app, context,
                                  {"history", "The moves so far, newest first",
                                   "  plimsoll history --limit 50\n"
                                   "  plimsoll history --json | jq '.moves[] | .actual'\n"},
                                  history);
  list.line.add_option("--limit", list.options->limit, "How many (default 20)").between(1, 10'000);
  list.line.add_flag("--json", list.options->json, "Print JSON");

  const auto one = add_command<MoveOptions>(
      app, context,
      {"show", "Every step of one move, predicted and actual", "  plimsoll show abcdef012345\n"},
      show);
  one.line.add_option("id", one.options->id, "The move's id, from history").required();
  one.line.add_flag("--json", one.options->json, "Print JSON");

  const auto yes = add_command<MoveOptions>(
      app, context, {"approve", "Let a waiting plan go ahead", "  plimsoll approve abcdef012345\n"},
      approve);
  yes.line.add_option("id", yes.options->id, "The plan's id, from history").required();

  const auto no = add_command<MoveOptions>(
      app, context, {"reject", "Turn a waiting plan down", "  plimsoll reject abcdef012345\n"},
      reject);
  no.line.add_option("id", no.options->id, "The plan's id, from history").required();

  const auto back = add_command<MoveOptions>(
      app, context,
      {"undo", "Move a container back to where it came from, with what it has written since",
       "  plimsoll undo abcdef012345\n"},
      undo);
  back.line.add_option("id", back.options->id, "The move's id, from history").required();
  back.line.add_flag("--json", back.options->json, "Print the record of the way back");
}

}  // namespace plimsoll
