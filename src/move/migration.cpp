#include "move/migration.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "move/precopy.h"

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
    Undo{Act::remove_destination, Act::stage_image},
};

constexpr unsigned command_bits = 20;

bool is_forward(Act act) { return act <= Act::clean; }

/// The state that an act leads to when it is done.
MoveState state_after(Act act) {
  switch (act) {
    case Act::preflight:
      return MoveState::preflight;
    case Act::stage_image:
      return MoveState::image_staged;
    case Act::create_destination:
      return MoveState::destination_created;
    case Act::precopy:
      return MoveState::precopied;
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
    case Act::redirect:
      return MoveState::redirected;
    case Act::retire_source:
      return MoveState::source_retired;
    case Act::clean:
      return MoveState::cleaned;
    case Act::stop_destination:
    case Act::start_source:
    case Act::unfence_source:
    case Act::remove_destination:
      return MoveState::rolling_back;
  }
  return MoveState::rolling_back;
}

}  // namespace

std::uint64_t order_number(std::uint64_t epoch, const Command& command) {
  assert(epoch < (std::uint64_t{1} << (64U - command_bits)));
  assert(command.number < (1U << command_bits));
  return (epoch << command_bits) | command.number;
}

Migration::Migration(MoveRules rules) : rules_(rules) { order(Act::preflight, Duration{0}); }

Migration Migration::recovered(const MoveProgress& progress, const std::string& reason,
                               MoveRules rules) {
  Migration migration{rules};
  migration.commands_ = 0;
  migration.next_.reset();
  migration.progress_ = progress;
  const bool begun = progress.state != MoveState::planned && progress.state != MoveState::approved;
  if (is_final(progress.state) || !begun) return migration;
  ++migration.progress_.recoveries;
  const bool goes_back = progress.state == MoveState::rolling_back;
  if (is_committed(progress.state)) {
    const Act reached = progress.reached.value_or(Act::commit);
    migration.enter(progress.state, std::max(reached, Act::finish_destination));
  } else if (!goes_back && migration.reached(Act::start_destination)) {
    // The copy may have served clients since: look at it before throwing away what they wrote. One
    // that does not run fails the check, and the way back begins.
    migration.enter(MoveState::destination_started, Act::check_destination);
  } else if (!goes_back && migration.may_go_on()) {
    migration.enter(progress.state, progress.reached.value_or(Act::preflight));
  } else {
    migration.failure_ = Error{Errc::cancelled, reason};
    migration.go_back();
  }
  return migration;
}

Migration Migration::tidying(const MoveProgress& progress, MoveRules rules) {
  Migration migration{rules};
  migration.commands_ = 0;
  migration.next_.reset();
  migration.progress_ = progress;
  if (progress.state == MoveState::source_retired) {
    migration.enter(progress.state, Act::clean);
  } else if (progress.state == MoveState::rolled_back && progress.left_over) {
    migration.enter(progress.state, Act::remove_destination);
  }
  return migration;
}

/// Nothing of the source was touched yet, and what was staged harms nobody: the act that was
/// interrupted looks for what it left and goes on from there.
bool Migration::may_go_on() const {
  return rules_.may_resume && progress_.recoveries <= rules_.resumes_max &&
         !reached(Act::fence_source);
}

bool Migration::reached(Act act) const { return progress_.reached && *progress_.reached >= act; }

void Migration::order(Act act, Duration after) { next_ = Command{act, after, ++commands_}; }

void Migration::enter(MoveState state, std::optional<Act> act) {
  progress_.state = state;
  tries_ = 0;
  waited_ = Duration{0};
  next_.reset();
  if (!act) return;
  order(*act, Duration{0});
  if (is_forward(*act) && !reached(*act)) progress_.reached = act;
}

void Migration::on(const Outcome& outcome) {
  if (!next_) return;
  const Act act = next_->act;
  if (const auto* failed = std::get_if<Failed>(&outcome)) {
    fail(act, failed->error);
    return;
  }
  if (act == Act::precopy) ++progress_.rounds;
  const bool again = std::holds_alternative<Again>(outcome) && act == Act::precopy;
  if (again && progress_.rounds < PrecopyRules{}.rounds_max) {
    enter(MoveState::precopied, Act::precopy);
  } else {
    advance(act);
  }
}

/// The forward acts follow each other in the order of the enumeration, up to the retirement: what
/// is cleaned waits for its time.
std::optional<Act> Migration::forward_after(Act act) const {
  if (act >= Act::retire_source) return std::nullopt;
  const auto next = static_cast<Act>(static_cast<int>(act) + 1);
  return next == Act::precopy && rules_.strategy == Strategy::cold ? forward_after(next) : next;
}

void Migration::advance(Act done) {
  if (is_forward(done)) {
    enter(state_after(done), forward_after(done));
    return;
  }
  const auto undo = undo_after(done);
  if (done == Act::remove_destination) progress_.left_over = false;
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

bool Migration::try_again(Act act) {
  if (++tries_ >= rules_.patience.tries) return false;
  waited_ += rules_.patience.pause;
  order(act, rules_.patience.pause);
  return true;
}

void Migration::stand_still(const Error& error) {
  failure_ = error;
  next_.reset();
}

void Migration::quarantine(const Error& error) {
  stand_still(error);
  progress_.state = MoveState::quarantined;
}

void Migration::fail(Act act, const Error& error) {
  switch (act) {
    case Act::preflight:
    case Act::stage_image:
    case Act::create_destination:
    case Act::precopy:
    case Act::fence_source:
    case Act::stop_source:
    case Act::final_sync:
    case Act::start_destination:
      failure_ = error;
      go_back();
      return;
    case Act::check_destination:
      if (rules_.commit_unknown) {
        if (!try_again(act)) quarantine(error);
        return;
      }
      failure_ = error;
      go_back();
      return;
    case Act::commit:
      // Whether the record is on disk is unknown, and it alone says which copy is the one: nothing
      // may be written before it has been read.
      stand_still(error);
      return;
    case Act::finish_destination:
    case Act::retire_source:
    case Act::unfence_source:
      // Nothing is uncertain, a host is only away: the next recovery goes on from here.
      if (!try_again(act)) stand_still(error);
      return;
    case Act::redirect:
      if (try_again(act)) return;
      alarm_ = error;
      enter(progress_.state, forward_after(act));
      return;
    case Act::clean:
      stand_still(error);
      return;
    case Act::stop_destination:
      destination_not_proven_stopped(error);
      return;
    case Act::start_source:
      source_does_not_start(error);
      return;
    case Act::remove_destination:
      not_removed(error);
      return;
  }
}

/// A copy that was seen running after the order to stop is beyond us. One that nobody can see ends
/// with its lease, if it has one: once that is surely over, the source may start.
void Migration::destination_not_proven_stopped(const Error& error) {
  if (rules_.lease.count() == 0 || error.code == Errc::conflict) {
    if (!try_again(Act::stop_destination)) quarantine(error);
    return;
  }
  const Duration surely_over = rules_.lease + rules_.lease_margin;
  if (waited_ >= surely_over) {
    advance(Act::stop_destination);
    return;
  }
  const Duration pause = std::clamp(rules_.patience.pause, Duration{1}, surely_over - waited_);
  waited_ += pause;
  order(Act::stop_destination, pause);
}

void Migration::source_does_not_start(const Error& error) {
  if (error.code == Errc::not_found) {
    // The copy, complete or not, is all there is left: it must not be removed.
    quarantine(error);
  } else if (!try_again(Act::start_source)) {
    // Nothing is uncertain, the source's host is only away: the next recovery goes on.
    stand_still(error);
  }
}

/// A stopped left-over harms nobody; the source runs.
void Migration::not_removed(const Error& error) {
  const bool tidying = progress_.state == MoveState::rolled_back;
  if (!tidying && try_again(Act::remove_destination)) return;
  left_over_ = error;
  progress_.left_over = true;
  enter(MoveState::rolled_back, std::nullopt);
}

}  // namespace plimsoll
