#pragma once

#include "orchestrate/hooks.h"
#include "orchestrate/journal.h"
#include "orchestrate/move_acts.h"
#include "orchestrate/orchestrator_config.h"

namespace plimsoll {

/// Hears of a move while it goes on.
class MoveObserver {
 public:
  virtual ~MoveObserver() = default;
  virtual void step_began(const MoveRecord& record, const StepRecord& step) = 0;
  virtual void step_ended(const MoveRecord& record, const StepRecord& step) = 0;
  virtual void transferred(const MoveRecord& record, Act act, Bytes bytes) = 0;
};

/// What a driver works with; the references must outlive it. `observer` may be null.
struct MoveDriverParts {
  Journal& journal;
  MoveActs& acts;
  MoveObserver* observer = nullptr;
  WallClock clock = wall_clock_now;
  OrchestratorConfig config;
};

/// How a move is taken into hand.
enum class Take {
  fresh,      ///< A reserved one, from its beginning.
  recovered,  ///< One whose driver died, from where its journal ends.
  tidying,    ///< One that has ended: what its retention kept, or a roll-back left over, goes.
};

/// Does what the machine says, with the intent in the journal before each act and the outcome after
/// it, until the move has ended. Hooks are run around each act.
class MoveDriver {
 public:
  explicit MoveDriver(MoveDriverParts parts, MoveRules rules = {});

  /// Gives the record as it ended. Errors: only the journal's: nothing more is done then, since an
  /// act without its intent on disk could not be undone after a crash.
  [[nodiscard]] Task<Result<MoveRecord>> drive(MoveRecord record, Take take);

 private:
  Task<Result<void>> step(Migration* machine, MoveRecord* record, Command command);
  Task<Result<std::string>> act(Act act, MoveRecord* record);
  Task<Result<std::string>> perform(Act act, MoveRecord* record);
  Task<> tell_end(const MoveRecord* record);
  static void alarm(const MoveRecord& record, const Error& error);

  MoveDriverParts parts_;
  Hooks hooks_;
  MoveRules rules_;
};

/// The commands a person needs to put a quarantined move right, a line each.
[[nodiscard]] std::string quarantine_help(const MoveRecord& record);

}  // namespace plimsoll
