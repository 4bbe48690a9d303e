#include "move/observed.h"

#include <algorithm>

namespace plimsoll {
namespace {

/// How far a move came whose copy never ran. A way back may have begun, so that a source without
/// its own policy and one that does not run are each to be looked for.
Act back_from(const std::vector<MemberSeen>& members) {
  const auto stands = [](const MemberSeen& seen) { return !seen.source_running; };
  if (std::ranges::any_of(members, stands)) return Act::stop_source;
  const bool fenced = std::ranges::any_of(members, &MemberSeen::source_policy_is_no);
  return fenced ? Act::fence_source : Act::precopy;
}

}  // namespace

MoveProgress progress_from(const std::vector<MemberSeen>& members) {
  const auto any = [&](bool MemberSeen::*what) {
    return std::ranges::any_of(members, [what](const MemberSeen& seen) { return seen.*what; });
  };
  const bool retired = std::ranges::all_of(members, [](const MemberSeen& seen) {
    return !seen.source_exists || (seen.source_retired && !seen.source_running);
  });
  MoveProgress progress;
  if (any(&MemberSeen::copy_has_final_name)) {
    // Retiring is the last act: what came before it was done.
    const bool ended = retired && any(&MemberSeen::source_retired);
    progress.state = ended ? MoveState::source_retired : MoveState::committed;
    progress.reached = ended ? Act::retire_source : Act::finish_destination;
  } else if (any(&MemberSeen::copy_running)) {
    progress.state = MoveState::destination_started;
    progress.reached = Act::check_destination;
  } else if (any(&MemberSeen::copy_has_run)) {
    // Committed, or on its way back? A source that runs tells nothing: a person may have started
    // it.
    progress.state = MoveState::quarantined;
    progress.reached = Act::check_destination;
  } else if (any(&MemberSeen::copy_exists)) {
    progress.state = MoveState::rolling_back;
    progress.reached = back_from(members);
  } else {
    progress.state = MoveState::rolled_back;
    progress.reached = Act::create_destination;
    progress.left_over = true;
  }
  return progress;
}

}  // namespace plimsoll
