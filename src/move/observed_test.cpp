// Sensitivity, tried once: copy_running looked at before copy_has_final_name (ANameIsACommit).
#include "move/observed.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

const MemberSeen untouched{.source_exists = true, .source_running = true};
const MemberSeen created{.copy_exists = true, .source_exists = true, .source_running = true};
const MemberSeen stopped{.copy_exists = true, .source_exists = true, .source_policy_is_no = true};
const MemberSeen started{.copy_exists = true, .copy_running = true, .source_exists = true};
const MemberSeen named{
    .copy_exists = true, .copy_running = true, .copy_has_final_name = true, .source_exists = true};
const MemberSeen retired{.copy_exists = true,
                         .copy_running = true,
                         .copy_has_final_name = true,
                         .source_exists = true,
                         .source_retired = true};

std::optional<Act> next_after(const std::vector<MemberSeen>& members) {
  const auto next = Migration::recovered(progress_from(members), "the journal is lost").next();
  return next ? std::optional{next->act} : std::nullopt;
}

TEST(Observed, ANameIsACommit) {
  EXPECT_EQ(next_after({named}), Act::finish_destination);
  EXPECT_EQ(next_after({started, named}), Act::finish_destination);
}

TEST(Observed, ACopyThatRunsIsLookedAt) {
  EXPECT_EQ(next_after({started}), Act::check_destination);
  EXPECT_EQ(next_after({stopped, started}), Act::check_destination);
}

TEST(Observed, ACopyThatNeverRanIsTakenBack) {
  EXPECT_EQ(next_after({created}), Act::remove_destination);
  EXPECT_EQ(next_after({stopped}), Act::start_source);
  EXPECT_EQ(next_after({created, stopped}), Act::start_source);
  auto fenced = created;
  fenced.source_policy_is_no = true;
  EXPECT_EQ(next_after({fenced}), Act::unfence_source);
  auto unfenced = stopped;  // The way back came so far, and a further try stopped it again.
  unfenced.source_policy_is_no = false;
  EXPECT_EQ(next_after({unfenced}), Act::start_source);
}

TEST(Observed, ACopyThatHasRunIsForAPerson) {
  auto ran = stopped;
  ran.copy_has_run = true;
  EXPECT_EQ(progress_from({ran}).state, MoveState::quarantined);
}

TEST(Observed, WhatHasEndedNeedsNothing) {
  EXPECT_EQ(next_after({untouched}), std::nullopt);
  EXPECT_EQ(Migration::tidying(progress_from({untouched})).next()->act, Act::remove_destination);
  EXPECT_EQ(next_after({retired, retired}), std::nullopt);
  EXPECT_EQ(next_after({retired, named}), Act::finish_destination);
  auto twin = retired;
  twin.source_running = true;  // A person started it again.
  EXPECT_EQ(next_after({twin}), Act::finish_destination);
}

}  // namespace
}  // namespace plimsoll
