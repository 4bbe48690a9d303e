#pragma once

#include <memory>

#include "command.h"
#include "open_store.h"
#include "orchestrate/orchestrator.h"

namespace plimsoll {

/// What the commands that plan and move need: store, journal, hosts and the orchestrator on them.
class Moving {
 public:
  /// Errors: as open_store and Journal::open.
  [[nodiscard]] static Task<Result<std::unique_ptr<Moving>>> open(Config config, HostList hosts,
                                                                  MoveObserver* observer);
  [[nodiscard]] Orchestrator& orchestrator() { return *orchestrator_; }
  [[nodiscard]] Journal& journal() { return journal_; }

 private:
  Moving(OpenedStore store, Journal journal)
      : store_(std::move(store)), journal_(std::move(journal)) {}
  OpenedStore store_;
  Journal journal_;
  std::unique_ptr<Orchestrator> orchestrator_;
};

/// The journal that the configuration names. Errors: as Journal::open.
[[nodiscard]] Result<Journal> open_journal(const Config& config);

/// "ask", as plimsoll.toml says it.
[[nodiscard]] const char* mode_name(Mode mode);

/// Says how a move ended, or prints its record; the exit code.
int tell_end(const MoveRecord& record, bool json);

/// Makes moves one after the other, each told as it goes, until one does not end well.
[[nodiscard]] Task<Result<std::vector<MoveRecord>>> run_in_turn(Moving* moving,
                                                                std::vector<MoveRecord> records,
                                                                bool quiet);

/// Runs a command that makes moves to its end: one must not be left in its middle, so the first
/// Ctrl-C is only noted. Gives its exit code.
int run_moving(Task<int> command);

/// Prints each step as it ends, and on a terminal how a transfer goes.
class ConsoleObserver : public MoveObserver {
 public:
  explicit ConsoleObserver(bool quiet) : quiet_(quiet) {}
  void step_began(const MoveRecord& record, const StepRecord& step) override;
  void step_ended(const MoveRecord& record, const StepRecord& step) override;
  void transferred(const MoveRecord& record, Act act, Bytes bytes) override;

 private:
  void clear_line();
  bool quiet_;
  bool line_open_ = false;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace plimsoll
