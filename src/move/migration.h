#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/result.h"
#include "core/time.h"
#include "move/move_state.h"

namespace plimsoll {

/// What to do next.
struct Command {
  Act act = Act::preflight;
  /// How long to wait before it: at least so long by a steady clock, since lease times are counted
  /// by these pauses.
  Duration after{0};
  /// Rises with each command of one machine, further tries of the same act included: see
  /// order_number().
  std::uint32_t number = 1;
  friend bool operator==(const Command&, const Command&) = default;
};

/// What hosts compare to tell a late order from a current one (MIGRATION I5): a later command has a
/// higher number than every one before it, of this driver or of those that drove the move before,
/// as long as each drive takes a new `epoch` from the journal.
///
/// Requires: epoch below 2^44, and fewer than 2^20 commands in one drive.
[[nodiscard]] std::uint64_t order_number(std::uint64_t epoch, const Command& command);

/// The act was read back as done.
struct Done {};
/// A round of precopy is done, and precopy.h says that another one is worth it. Means Done for any
/// other act.
struct Again {};
/// It was not done, or nobody knows: `error` says which. The machine makes no difference, since an
/// act whose reply was lost may have happened; but see the codes that Act names.
struct Failed {
  Error error;
};
using Outcome = std::variant<Done, Again, Failed>;

/// What the journal remembers of a move, enough to go on after a crash.
struct MoveProgress {
  MoveState state = MoveState::reserved;
  /// The furthest forward act whose intent was recorded, whatever became of it.
  std::optional<Act> reached;
  int rounds = 0;          ///< Rounds of precopy that are done.
  int recoveries = 0;      ///< How often a new driver took it up.
  bool left_over = false;  ///< RolledBack, but what was staged could not be removed.
  friend bool operator==(const MoveProgress&, const MoveProgress&) = default;
};

/// How often and how patiently an act is tried that must not be given up: those of the way back and
/// those after the commit.
struct MovePatience {
  int tries = 30;
  Duration pause{2'000};
};

/// How a move is to be made. The same from its reservation to its end: the journal keeps what of it
/// is not a constant.
struct MoveRules {
  Strategy strategy = Strategy::cold;
  MovePatience patience;
  /// How long the copy runs at most without being heard of again. Zero: there is no lease at the
  /// destination, and one that cannot be reached on the way back is for a person (Quarantined).
  ///
  /// Not zero means that start_destination keeps this promise: no order to start the copy leaves
  /// before the lease was read back as armed; the order names that lease, so that the host refuses
  /// it once the lease is over; and a lease ends at a moment of the host's own clock that was fixed
  /// when it was last read, so that a late renewal cannot lengthen it. See docs/decisions/0055.
  Duration lease{0};
  /// What is waited on top of the lease before the source may start: clock drift, and the time that
  /// stopping the copy takes. Default 20 s, chosen by us: 10 s of grace, a kill, 1 % of drift.
  Duration lease_margin{20'000};
  /// Whether a move whose driver died before anything of the source was touched goes on (it is
  /// taken back otherwise), and how often. Whoever recovers says no when the plan is too old.
  bool may_resume = true;
  int resumes_max = 3;
  /// Its progress was told from labels (observed.h): whether the copy was committed is not known,
  /// so that one which fails its check is for a person, not taken back.
  bool commit_unknown = false;
};

/// One workload's move as a machine without I/O: it is told what happened and says what to do. The
/// driver records the intent, does it, records the outcome, and asks again; nothing else.
///
/// Before Committed every path ends with the source running, or in Quarantined where the
/// destination cannot be proven stopped or the source is gone; after it with the destination
/// running.
/// Source: MIGRATION, "States" and invariants I1 to I5.
class Migration {
 public:
  explicit Migration(MoveRules rules = {});
  /// Goes on where a journal ends: forward after the commit, onward before the source was touched,
  /// back in between, by looking where the copy may run. Nothing to do for a state that is final.
  [[nodiscard]] static Migration recovered(const MoveProgress& progress, const std::string& reason,
                                           MoveRules rules = {});
  /// What is still to be done for a move that has ended: `clean` for SourceRetired (when
  /// retention.h says so), `remove_destination` for RolledBack with something left over; else
  /// nothing. One try; a failure leaves the state as it was.
  [[nodiscard]] static Migration tidying(const MoveProgress& progress, MoveRules rules = {});

  /// The next act, or nothing when the move has ended or stands still. The same until on() is
  /// called.
  ///
  /// It stands still (not final, nothing next) where only a recovery can tell what to do: after a
  /// commit whose record may or may not be on disk, which the journal knows when it is read again,
  /// and where a host that is needed stays away. Whoever watches over the journal recovers it.
  [[nodiscard]] std::optional<Command> next() const { return next_; }
  void on(const Outcome& outcome);

  [[nodiscard]] MoveState state() const { return progress_.state; }
  [[nodiscard]] const MoveProgress& progress() const { return progress_; }
  /// Why it went back, or why it stands still.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  /// Why something is left over after a roll-back.
  [[nodiscard]] const std::optional<Error>& left_over() const { return left_over_; }
  /// What failed without changing the outcome (the redirection): a person should hear of it.
  [[nodiscard]] const std::optional<Error>& alarm() const { return alarm_; }

 private:
  void advance(Act done);
  void fail(Act act, const Error& error);
  void go_back();
  void stand_still(const Error& error);
  void quarantine(const Error& error);
  void enter(MoveState state, std::optional<Act> act);
  void order(Act act, Duration after);
  [[nodiscard]] bool try_again(Act act);
  void destination_not_proven_stopped(const Error& error);
  void source_does_not_start(const Error& error);
  void not_removed(const Error& error);
  [[nodiscard]] bool reached(Act act) const;
  [[nodiscard]] bool may_go_on() const;
  [[nodiscard]] std::optional<Act> forward_after(Act act) const;
  [[nodiscard]] std::optional<Act> undo_after(std::optional<Act> done) const;

  MoveRules rules_;
  MoveProgress progress_{MoveState::reserved, Act::preflight};
  std::optional<Command> next_;
  std::uint32_t commands_ = 0;
  std::optional<Error> failure_;
  std::optional<Error> left_over_;
  std::optional<Error> alarm_;
  int tries_ = 0;
  Duration waited_{0};  ///< Since the first try of this act: at least so long by a steady clock.
};

}  // namespace plimsoll
