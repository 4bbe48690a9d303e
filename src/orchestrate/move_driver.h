#pragma once

#include "orchestrate/journal.h"
#include "orchestrate/move_acts.h"

namespace plimsoll {

/// Hears of a move while it goes on.
class MoveObserver {
 public:
  virtual ~MoveObserver() = default;
  virtual void step_began(const MoveRecord& record, const StepRecord& step) = 0;
  virtual void step_ended(const MoveRecord& record, const StepRecord& step) = 0;
  virtual void transferred(const MoveRecord& record, Act act, Bytes bytes) = 0;
};

/// Does what the machine says, with the intent in the journal before each act and the outcome after
/// it, until the move has ended.
class MoveDriver {
 public:
  /// The references must outlive drive(). `observer` may be null.
  MoveDriver(Journal& journal, MoveActs& acts, MoveObserver* observer, WallClock clock,
             OrchestratorConfig config, MoveRules rules = {});

  /// A reserved move from its beginning, or one whose driver died (`recovered`) from where its
  /// journal ends: back before the commit, forward after it.
  /// Gives the record as it ended. Errors: only the journal's: nothing more is done then, since an
  /// act without its intent on disk could not be undone after a crash.
  [[nodiscard]] Task<Result<MoveRecord>> drive(MoveRecord record, bool recovered);

 private:
  Task<Result<void>> step(Migration* machine, MoveRecord* record, Command command);
  Task<Result<std::string>> act(Act act, MoveRecord* record);

  Journal& journal_;
  MoveActs& acts_;
  MoveObserver* observer_;
  WallClock clock_;
  OrchestratorConfig config_;
  MoveRules rules_;
};

/// The commands a person needs to put a quarantined move right, a line each.
[[nodiscard]] std::string quarantine_help(const MoveRecord& record);

}  // namespace plimsoll
