#include "orchestrate/proposal.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

Move move(const char* container, const char* from, const char* to, const char* unit = "",
          int order = 0) {
  Move one;
  one.container = ContainerName{container};
  one.from = HostId{from};
  one.to = HostId{to};
  one.unit = unit;
  one.order = order;
  one.predicted.bytes = Bytes{100};
  return one;
}

const ProposalTerms at_once{TimePoint{Duration{5}}, Strategy::warm, MoveState::approved};

TEST(Proposal, MovesOfTheirOwnDoNotWaitForEachOther) {
  const auto records = records_of({move("a", "h1", "h2"), move("b", "h1", "h3")}, at_once);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_NE(records[0].id, records[1].id);
  EXPECT_TRUE(records[1].after.empty());
  EXPECT_EQ(records[1].progress.state, MoveState::approved);
}

TEST(Proposal, AUnitIsOneMoveInTheOrderOfItsStart) {
  const auto records =
      records_of({move("web", "h1", "h2", "shop", 2), move("db", "h1", "h2", "shop", 1)}, at_once);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].container.str(), "shop");
  ASSERT_EQ(records[0].members.size(), 2U);
  EXPECT_EQ(records[0].members[0].container.str(), "db");
  EXPECT_EQ(records[0].predicted.bytes, Bytes{200});
}

TEST(Proposal, AnExchangeIsMadeInTurns) {
  const auto records =
      records_of({move("a", "h1", "h2", "a, b", 1), move("b", "h2", "h1", "a, b", 2)}, at_once);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].after, records[0].id);
}

TEST(Proposal, WhoWaitsForAnAnswerHoldsUpWhoComesAfter) {
  auto first = move("a", "h1", "h2", "", 1);
  first.ask = true;
  const auto records = records_of({first, move("b", "h1", "h3", "", 2)}, at_once);
  EXPECT_EQ(records[0].progress.state, MoveState::planned);
  EXPECT_EQ(records[1].progress.state, MoveState::planned);
}

TEST(Proposal, AnUndoTakesUpWhatWasRetired) {
  auto record = records_of({move("web", "h1", "h2")}, at_once).front();
  record.members[0].source_id = "old";
  record.members[0].copy_id = "new";
  EXPECT_FALSE(undo_of(record, at_once)) << "it has not ended yet";
  record.progress.state = MoveState::source_retired;
  const auto undo = undo_of(record, at_once).value();
  EXPECT_EQ(undo.from.str(), "h2");
  EXPECT_EQ(undo.to.str(), "h1");
  EXPECT_EQ(undo.undoes, record.id);
  EXPECT_EQ(undo.members[0].source_id, "new");
  EXPECT_EQ(undo.members[0].adopted_id, "old");
  EXPECT_EQ(undo.members[0].adopted_name, "web--retired-" + record.id.str());
}

}  // namespace
}  // namespace plimsoll
