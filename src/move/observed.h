#pragma once

#include <vector>

#include "move/migration.h"

namespace plimsoll {

/// What both hosts show of one member of a move whose journal is lost: its copy, found by the
/// move's label, and its source, by the id that a label of the copy names.
struct MemberSeen {
  bool copy_exists = false;
  bool copy_has_run = false;  ///< It was started once, whether or not it runs now.
  bool copy_running = false;
  bool copy_has_final_name = false;
  bool source_exists = false;
  bool source_running = false;
  bool source_policy_is_no = false;
  bool source_retired = false;  ///< Under the name NAME--retired-ID.
};

/// Where a move stands as its labels and names tell it, for Migration::recovered (MIGRATION, I6).
///
/// A copy under its final name was committed, since nothing else gives it that name; one that runs
/// is looked at, and goes on where it is healthy (MoveRules::commit_unknown). One that has run and
/// does not may hold what clients wrote after a commit: a person must choose. One that never ran is
/// taken back. Of a move that has no copy left nothing but staged parts can be there: the way back
/// removes the copy last.
///
/// Requires: one entry per member. What was read has to be of one moment: no driver is left, the
/// orders of the last one are not obeyed any more (a new owner has taken the hosts over), and an
/// order to stop that was obeyed before that has had its grace.
[[nodiscard]] MoveProgress progress_from(const std::vector<MemberSeen>& members);

}  // namespace plimsoll
