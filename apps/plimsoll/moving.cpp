#include "moving.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/text.h"
#include "orchestrate/progress.h"
#include "run.h"

namespace plimsoll {
namespace {

constexpr std::chrono::milliseconds redraw_every{200};

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace

Result<Journal> open_journal(const Config& config) {
  return Journal::open(config.orchestrator.journal_file);
}

const char* mode_name(Mode mode) {
  switch (mode) {
    case Mode::observe:
      return "observe";
    case Mode::ask:
      return "ask";
    case Mode::automatic:
      return "auto";
  }
  return "";
}

Task<Result<std::unique_ptr<Moving>>> Moving::open(Config config, HostList hosts,
                                                   MoveObserver* observer) {
  const auto executor = co_await asio::this_coro::executor;
  auto store = co_await open_store(config, Absence::fails);
  if (!store) co_return store.error();
  auto journal = open_journal(config);
  if (!journal) co_return journal.error();
  std::unique_ptr<Moving> moving{new Moving{std::move(*store), std::move(*journal)}};
  auto list = [hosts = std::move(hosts)] { return hosts; };
  OrchestratorParts parts{executor,        *moving->store_.store, moving->journal_,
                          std::move(list), config.policy,         config.orchestrator,
                          config.ssh,      config.monitor.agents, wall_clock_now,
                          observer};
  moving->orchestrator_ = std::make_unique<Orchestrator>(std::move(parts));
  co_return moving;
}

int tell_end(const MoveRecord& record, bool json) {
  const bool moved = is_success(record.progress.state);
  if (json) {
    fmt::print("{}\n", render_json(record));
    return moved ? exit_ok : exit_failed;
  }
  if (moved) {
    fmt::print(
        "Moved '{}' to {}: {} sent in {:.1f} s, stopped for {:.2f} s (predicted {:.1f} s).\n",
        record.container.str(), record.to.str(), format_bytes(count(record.actual.bytes)),
        record.actual.transfer_s, record.actual.downtime_s, record.predicted.downtime_s);
    return exit_ok;
  }
  fmt::print(stderr, "plimsoll: move {} ended as {}: {}\n", record.id.str(),
             state_name(record.progress.state), record.error);
  if (!is_final(record.progress.state)) {
    fmt::print(stderr, "plimsoll: a running orchestrator (plimsoll up) goes on with it\n");
  }
  if (record.progress.state == MoveState::rolled_back) {
    fmt::print(stderr, "plimsoll: '{}' runs on {} as before\n", record.container.str(),
               record.from.str());
  }
  if (record.progress.state == MoveState::quarantined) {
    fmt::print(stderr, "{}", quarantine_help(record));
  }
  return exit_failed;
}

Task<Result<std::vector<MoveRecord>>> run_in_turn(Moving* moving, std::vector<MoveRecord> records,
                                                  bool quiet) {
  std::vector<MoveRecord> ended;
  for (MoveRecord& record : records) {
    // Made long after it was planned, it is not out of date: a person waits for it.
    record.created = wall_clock_now();
    const auto kept = moving->journal().update(record);
    if (!kept) co_return kept.error();
    if (!quiet) {
      fmt::print("Move {}: '{}' from {} to {}, {} predicted.\n", record.id.str(),
                 record.container.str(), record.from.str(), record.to.str(),
                 format_bytes(count(record.predicted.bytes)));
    }
    const auto end = co_await moving->orchestrator().run_move(record.id);
    if (!end) co_return end.error();
    ended.push_back(*end);
    if (!is_success(end->progress.state)) break;
  }
  co_return ended;
}

namespace {

Task<int> to_the_end(Task<int> command) {
  const auto executor = co_await asio::this_coro::executor;
  const StopSignal noted{executor};
  const int code = co_await std::move(command);
  co_return code;
}

}  // namespace

int run_moving(Task<int> command) {
  asio::io_context io{1};
  return run_to_end(io, to_the_end(std::move(command)));
}

void ConsoleObserver::clear_line() {
  if (line_open_) fmt::print("\r\x1b[K");
  line_open_ = false;
}

void ConsoleObserver::step_began(const MoveRecord& /*record*/, const StepRecord& step) {
  began_ = shown_ = std::chrono::steady_clock::now();
  if (quiet_ || !on_terminal()) return;
  fmt::print("  …    {}", step.name);
  std::fflush(stdout);
  line_open_ = true;
}

void ConsoleObserver::step_ended(const MoveRecord& /*record*/, const StepRecord& step) {
  if (quiet_) return;
  clear_line();
  const auto took = step.finished.value_or(step.started) - step.started;
  fmt::print("  {:<4} {:<20} {:>9}  {}\n", step.failed ? "FAIL" : "ok", step.name,
             format_duration(std::max(took, Duration{0})), printable(step.detail, 400));
  std::fflush(stdout);
}

void ConsoleObserver::transferred(const MoveRecord& record, Act act, Bytes bytes) {
  const auto now = std::chrono::steady_clock::now();
  if (quiet_ || !on_terminal() || now - shown_ < redraw_every) return;
  shown_ = now;
  clear_line();
  fmt::print("  …    {:<20} {}", act_name(act),
             progress_text(bytes, expected_bytes(record, act),
                           std::chrono::duration_cast<Duration>(now - began_)));
  std::fflush(stdout);
  line_open_ = true;
}

}  // namespace plimsoll
