#include "move/migration.h"

#include <algorithm>
#include <array>

namespace plimsoll {
namespace {

/// The way back, in order. The destination is stopped before anything of the source starts: two
/// running copies corrupt a volume, none is only downtime. What is staged there goes last, since an
/// unreachable destination must not keep the source waiting.
struct Undo {
  Act act;
  Act needed_once;  ///< The forward act that made it necessary.
};
constexpr std::array way_back{
    Undo{Act::stop_destination, Act::start_destination},
    Undo{Act::start_source, Act::stop_source},
    Undo{Act::unfence_source, Act::fence_source},
    Undo{Act::remove_destination, Act::create_destination},
};

/// The state that an act leads to when it is done.
MoveState state_after(Act act) {
  switch (act) {
    case Act::preflight:
      return MoveState::preflight;
    case Act::stage_image:
      return MoveState::image_staged;
    case Act::create_destination:
      return MoveState::destination_created;
    case Act::fence_source:
      return MoveState::source_fenced;
    case Act::stop_source:
      return MoveState::source_stopped;
    case Act::final_sync:
      return MoveState::final_sync;
    case Act::start_destination:
      return MoveState::destination_started;
    case Act::check_destination:
      return MoveState::destination_healthy;
    case Act::commit:
    case Act::finish_destination:
      return MoveState::committed;
    case Act::retire_source:
      return MoveState::source_retired;
    case Act::stop_destination:
    case Act::start_source:
    case Act::unfence_source:
    case Act::remove_destination:
      return MoveState::rolling_back;
  }
  return MoveState::rolling_back;
}

/// The forward acts follow each other in the order of the enumeration.
std::optional<Act> forward_after(Act act) {
  if (act >= Act::retire_source) return std::nullopt;
  return static_cast<Act>(static_cast<int>(act) + 1);
}

}  // namespace

Migration Migration::recovered(const MoveProgress& progress, const std::string& reason,
                               MovePatience patience) {
  Migration migration{patience};
  migration.state_ = progress.state;
  migration.reached_ = progress.reached;
  if (is_final(progress.state)) {
    migration.next_.reset();
  } else if (progress.state == MoveState::committed) {
    migration.enter(MoveState::committed, Act::finish_destination);
  } else if (migration.reached(Act::start_destination) &&
             progress.state != MoveState::rolling_back) {
    // The copy may have served clients since: look at it before throwing away what they wrote. One
    // that does not run fails the check, and the way back begins.
    migration.failure_.reset();
    migration.enter(MoveState::destination_started, Act::check_destination);
  } else {
    migration.failure_ = Error{Errc::cancelled, reason};
    migration.go_back();
  }
  return migration;
}

void Migration::enter(MoveState state, std::optional<Act> act) {
  state_ = state;
  tries_ = 0;
  next_.reset();
  if (!act) return;
  next_ = Command{*act, Duration{0}};
  const bool forward = *act <= Act::retire_source;
  if (forward && !reached(*act)) reached_ = act;
}

void Migration::on(const Outcome& outcome) {
  if (!next_) return;
  const Act act = next_->act;
  if (const auto* failed = std::get_if<Failed>(&outcome)) {
    fail(act, failed->error);
  } else {
    advance(act);
  }
}

void Migration::advance(Act done) {
  if (done <= Act::retire_source) {
    enter(state_after(done), forward_after(done));
    return;
  }
  const auto undo = undo_after(done);
  enter(undo ? MoveState::rolling_back : MoveState::rolled_back, undo);
}

/// The first step of the way back that comes after `done` and is needed; the very first without it.
std::optional<Act> Migration::undo_after(std::optional<Act> done) const {
  bool passed = !done;
  for (const Undo& undo : way_back) {
    if (passed && reached(undo.needed_once)) return undo.act;
    passed = passed || undo.act == done;
  }
  return std::nullopt;
}

void Migration::go_back() {
  const auto first = undo_after(std::nullopt);
  enter(first ? MoveState::rolling_back : MoveState::rolled_back, first);
}

void Migration::try_again_or(Act act, const Error& error, MoveState give_up) {
  if (++tries_ < patience_.tries) {
    next_ = Command{act, patience_.pause};
    return;
  }
  failure_ = error;
  state_ = give_up;
  next_.reset();
}

void Migration::fail(Act act, const Error& error) {
  switch (act) {
    case Act::preflight:
    case Act::stage_image:
    case Act::create_destination:
    case Act::fence_source:
    case Act::stop_source:
    case Act::final_sync:
    case Act::start_destination:
    case Act::check_destination:
      failure_ = error;
      go_back();
      return;
    case Act::commit:
      // Whether the record is on disk is unknown, and it alone says which copy is the one: a person
      // or the next start, which reads it, must decide.
      failure_ = error;
      state_ = MoveState::quarantined;
      next_.reset();
      return;
    case Act::finish_destination:
    case Act::retire_source:
      // The copy runs and is committed; the next start goes on from here.
      try_again_or(act, error, MoveState::committed);
      return;
    case Act::stop_destination:
      try_again_or(act, error, MoveState::quarantined);
      return;
    case Act::start_source:
    case Act::unfence_source:
      // Nothing is uncertain, the source's host is only away: the next recovery goes on.
      try_again_or(act, error, MoveState::rolling_back);
      return;
    case Act::remove_destination:
      // A stopped left-over harms nobody; the source runs.
      left_over_ = error;
      enter(MoveState::rolled_back, std::nullopt);
      return;
  }
}

}  // namespace plimsoll
