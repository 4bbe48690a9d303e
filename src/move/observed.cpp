#include "move/observed.h"

#include <algorithm>

namespace plimsoll {

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
    // A source that still runs may be in the grace of an order to stop, unless it was never fenced.
    progress.state = MoveState::rolling_back;
    progress.reached = any(&MemberSeen::source_policy_is_no) ? Act::stop_source : Act::precopy;
  } else {
    progress.state = MoveState::rolled_back;
    progress.reached = Act::create_destination;
    progress.left_over = true;
  }
  return progress;
}

}  // namespace plimsoll
