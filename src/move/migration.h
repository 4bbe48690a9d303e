#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/result.h"
#include "core/time.h"
#include "move/move_state.h"

namespace plimsoll {

/// What to do next: the act, and how long to wait before it (a further try of an act that must not
/// be given up).
struct Command {
  Act act = Act::preflight;
  Duration after{0};
  friend bool operator==(const Command&, const Command&) = default;
};

/// The act was read back as done.
struct Done {};
/// It was not, or nobody knows: `error` says which. The machine makes no difference, since an act
/// whose reply was lost may have happened.
struct Failed {
  Error error;
};
using Outcome = std::variant<Done, Failed>;

/// What the journal remembers of a move, enough to go on after a crash.
struct MoveProgress {
  MoveState state = MoveState::reserved;
  /// The furthest forward act whose intent was recorded, whatever became of it.
  std::optional<Act> reached;
};

/// How often and how patiently an act is tried that must not be given up: those of the way back and
/// those after the commit.
struct MovePatience {
  int tries = 30;
  Duration pause{2'000};
};

/// One workload's move as a machine without I/O: it is told what happened and says what to do. The
/// driver records the intent, does it, records the outcome, and asks again; nothing else.
///
/// Before Committed every path ends with the source running, or in Quarantined where the
/// destination cannot be proven stopped; after it with the destination running.
/// Source: MIGRATION, "States" and invariants I1 to I4.
class Migration {
 public:
  explicit Migration(MovePatience patience = {}) : patience_(patience) {}
  /// Goes on where a journal ends: forward after the commit, back before it.
  [[nodiscard]] static Migration recovered(const MoveProgress& progress, const std::string& reason,
                                           MovePatience patience = {});

  /// The next act, or nothing when the move has ended. The same until on() is called.
  [[nodiscard]] std::optional<Command> next() const { return next_; }
  void on(const Outcome& outcome);

  [[nodiscard]] MoveState state() const { return state_; }
  /// Why it went back, or why it stands still.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  /// Staged things that could not be removed after a roll-back.
  [[nodiscard]] const std::optional<Error>& left_over() const { return left_over_; }
  [[nodiscard]] MoveProgress progress() const { return {state_, reached_}; }

 private:
  void advance(Act done);
  void fail(Act act, const Error& error);
  void go_back();
  void enter(MoveState state, std::optional<Act> act);
  void try_again_or(Act act, const Error& error, MoveState give_up);
  [[nodiscard]] bool reached(Act act) const { return reached_ && *reached_ >= act; }
  [[nodiscard]] std::optional<Act> undo_after(std::optional<Act> done) const;

  MovePatience patience_;
  MoveState state_ = MoveState::reserved;
  std::optional<Command> next_ = Command{Act::preflight, Duration{0}};
  std::optional<Act> reached_ = Act::preflight;
  std::optional<Error> failure_;
  std::optional<Error> left_over_;
  int tries_ = 0;
};

}  // namespace plimsoll
