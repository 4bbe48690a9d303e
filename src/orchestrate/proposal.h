#pragma once

#include <vector>

#include "decide/plan.h"
#include "orchestrate/move_record.h"

namespace plimsoll {

/// What is the same for all records that are made of one plan.
struct ProposalTerms {
  TimePoint now;
  Strategy strategy = Strategy::warm;
  MoveState state = MoveState::planned;  ///< Or Approved, where nobody is asked.
};

/// A plan's moves as records, not in any journal yet, in the order they are to be made in.
///
/// Those of one unit between the same two hosts are one record with several members, in their
/// order. Where a unit is more than that (an exchange), or the moves have turns (a drain), each
/// record names the one that has to end well before it (MoveRecord::after).
/// Moves that their owner wants to be asked for stay Planned, and so do those that wait for them.
[[nodiscard]] std::vector<MoveRecord> records_of(const std::vector<Move>& moves,
                                                 const ProposalTerms& terms);

/// The move that takes a retired one back: the other way, into what was kept there.
/// Errors: conflict - the source of that move is not kept any more, or never was.
[[nodiscard]] Result<MoveRecord> undo_of(const MoveRecord& record, const ProposalTerms& terms);

}  // namespace plimsoll
