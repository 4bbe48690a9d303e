// Sensitivity, tried once each: forward_after that skips fence_source (TheWholeWay), recovered()
// that goes back from committed (RecoversForwardAfterTheCommit), fail() of the commit that goes
// back (ACommitThatMayOrMayNotBeOnDisk…), may_go_on() without resumes_max
// (ADriverThatDiesAgainAndAgain…). More of them: tests/sim/migration_sim_test.cpp.
#include "move/migration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace plimsoll {
namespace {

using testing::ElementsAre;

const Failed broken{Error{Errc::io, "broken"}};
const Failed away{Error{Errc::unreachable, "away"}};
const Failed runs_on{Error{Errc::conflict, "runs all the same"}};
const Failed removed{Error{Errc::not_found, "no such container"}};
const MoveRules warm{.strategy = Strategy::warm};
const MoveRules leased{.patience = {.tries = 3, .pause = Duration{10}},
                       .lease = Duration{100},
                       .lease_margin = Duration{25}};

Migration before(Act act, MoveRules rules = {}) {
  Migration migration{rules};
  while (migration.next()->act != act) migration.on(Done{});
  return migration;
}

std::vector<Act> finish(Migration& migration) {
  std::vector<Act> acts;
  while (const auto command = migration.next()) {
    acts.push_back(command->act);
    migration.on(Done{});
  }
  return acts;
}

TEST(Migration, TheWholeWay) {
  Migration migration{warm};
  EXPECT_THAT(finish(migration),
              ElementsAre(Act::preflight, Act::stage_image, Act::create_destination, Act::precopy,
                          Act::fence_source, Act::stop_source, Act::final_sync,
                          Act::start_destination, Act::check_destination, Act::commit,
                          Act::finish_destination, Act::redirect, Act::retire_source));
  EXPECT_EQ(migration.state(), MoveState::source_retired);
  EXPECT_FALSE(migration.failure());
}

TEST(Migration, ColdCopiesNothingAhead) {
  Migration migration;
  EXPECT_THAT(finish(migration), testing::Not(testing::Contains(Act::precopy)));
  EXPECT_EQ(migration.state(), MoveState::source_retired);
}

TEST(Migration, CopiesAheadAsOftenAsItIsWorthIt) {
  auto migration = before(Act::precopy, warm);
  migration.on(Again{});
  migration.on(Again{});
  EXPECT_EQ(migration.next()->act, Act::precopy);
  EXPECT_EQ(migration.state(), MoveState::precopied);
  migration.on(Done{});
  EXPECT_EQ(migration.next()->act, Act::fence_source);
  EXPECT_EQ(migration.progress().rounds, 3);
}

TEST(Migration, CopiesAheadEightTimesAtMostWhateverItIsTold) {
  auto migration = before(Act::precopy, warm);
  for (int i = 0; i < 8; ++i) migration.on(Again{});
  EXPECT_EQ(migration.next()->act, Act::fence_source);
}

TEST(Migration, EachCommandHasAHigherNumberThanTheOneBefore) {
  Migration migration{warm};
  std::uint64_t newest = 0;
  while (const auto command = migration.next()) {
    EXPECT_GT(order_number(7, *command), newest);
    newest = order_number(7, *command);
    migration.on(Done{});
  }
  const auto later = Migration::recovered({MoveState::committed, Act::redirect}, "restarted");
  EXPECT_GT(order_number(8, *later.next()), newest);
}

struct Break {
  Act at;
  std::vector<Act> undone;
};

class MigrationBreaks : public testing::TestWithParam<Break> {};

Migration fail_at(Act act) {
  auto migration = before(act, warm);
  migration.on(broken);
  return migration;
}

TEST_P(MigrationBreaks, AndTheSourceRunsAgain) {
  auto migration = fail_at(GetParam().at);
  EXPECT_EQ(finish(migration), GetParam().undone);
  EXPECT_EQ(migration.state(), MoveState::rolled_back);
  EXPECT_EQ(migration.failure()->message, "broken");
}

const std::vector<Act> from_staged{Act::remove_destination};
const std::vector<Act> from_fenced{Act::unfence_source, Act::remove_destination};
const std::vector<Act> from_stopped{Act::start_source, Act::unfence_source,
                                    Act::remove_destination};
const std::vector<Act> from_started{Act::stop_destination, Act::start_source, Act::unfence_source,
                                    Act::remove_destination};

INSTANTIATE_TEST_SUITE_P(
    Each, MigrationBreaks,
    testing::Values(Break{Act::preflight, {}}, Break{Act::stage_image, from_staged},
                    Break{Act::create_destination, from_staged}, Break{Act::precopy, from_staged},
                    Break{Act::fence_source, from_fenced}, Break{Act::stop_source, from_stopped},
                    Break{Act::final_sync, from_stopped},
                    Break{Act::start_destination, from_started},
                    Break{Act::check_destination, from_started}),
    [](const auto& tested) {
      std::string name{act_name(tested.param.at)};
      std::ranges::replace(name, ' ', '_');
      return name;
    });

TEST(Migration, ACommitThatMayOrMayNotBeOnDiskIsReadAtTheNextRecovery) {
  const auto migration = fail_at(Act::commit);
  EXPECT_EQ(migration.state(), MoveState::destination_healthy);
  EXPECT_FALSE(is_final(migration.state()));
  EXPECT_FALSE(migration.next());
  // It was not on disk: the copy is looked at again. It was: forward.
  auto progress = migration.progress();
  EXPECT_EQ(Migration::recovered(progress, "x").next()->act, Act::check_destination);
  progress.state = MoveState::committed;
  EXPECT_EQ(Migration::recovered(progress, "x").next()->act, Act::finish_destination);
}

TEST(Migration, AfterTheCommitItOnlyGoesForward) {
  auto migration = fail_at(Act::finish_destination);
  EXPECT_EQ(migration.next()->act, Act::finish_destination);
  EXPECT_GT(migration.next()->after, Duration{0});
  finish(migration);
  EXPECT_EQ(migration.state(), MoveState::source_retired);
}

TEST(Migration, ARedirectionThatFailsAlarmsAndGoesOn) {
  auto migration = before(Act::redirect, {.patience = {.tries = 2, .pause = Duration{1}}});
  migration.on(broken);
  migration.on(broken);
  EXPECT_EQ(migration.alarm()->message, "broken");
  EXPECT_FALSE(migration.failure());
  EXPECT_EQ(finish(migration), std::vector{Act::retire_source});
  EXPECT_EQ(migration.state(), MoveState::source_retired);
}

TEST(Migration, WithoutALeaseADestinationThatCannotBeProvenStoppedIsForAPerson) {
  for (const auto& failure : {broken, away, runs_on}) {
    auto migration =
        before(Act::check_destination, {.patience = {.tries = 3, .pause = Duration{10}}});
    for (int i = 0; i < 4; ++i) migration.on(failure);
    EXPECT_EQ(migration.state(), MoveState::quarantined);
    EXPECT_FALSE(migration.next());
  }
}

TEST(Migration, ALeaseIsWaitedOutBeforeTheSourceStarts) {
  auto migration = before(Act::check_destination, leased);
  migration.on(away);
  Duration waited{0};
  while (migration.next()->act == Act::stop_destination) {
    waited += migration.next()->after;
    migration.on(away);
  }
  EXPECT_EQ(waited, leased.lease + leased.lease_margin);
  EXPECT_THAT(finish(migration),
              ElementsAre(Act::start_source, Act::unfence_source, Act::remove_destination));
  EXPECT_EQ(migration.state(), MoveState::rolled_back);
}

TEST(Migration, ACopySeenRunningAfterTheOrderToStopIsForAPersonWithALeaseToo) {
  auto migration = before(Act::check_destination, leased);
  for (int i = 0; i < 4; ++i) migration.on(runs_on);
  EXPECT_EQ(migration.state(), MoveState::quarantined);
}

TEST(Migration, ASourceThatIsGoneLeavesTheCopyAlone) {
  auto migration = fail_at(Act::final_sync);
  migration.on(removed);
  EXPECT_EQ(migration.state(), MoveState::quarantined);
  EXPECT_FALSE(migration.next());
}

TEST(Migration, ALeftOverIsSaidHarmsNobodyAndIsTidiedLater) {
  auto migration = before(Act::create_destination, {.patience = {.tries = 2}});
  migration.on(broken);
  migration.on(away);
  ASSERT_EQ(migration.next()->act, Act::remove_destination);
  migration.on(away);
  EXPECT_EQ(migration.state(), MoveState::rolled_back);
  EXPECT_EQ(migration.left_over()->message, "away");
  EXPECT_EQ(migration.failure()->message, "broken");
  EXPECT_FALSE(Migration::recovered(migration.progress(), "x").next());
  auto tidying = Migration::tidying(migration.progress());
  tidying.on(away);
  EXPECT_FALSE(tidying.next());
  EXPECT_TRUE(tidying.progress().left_over);
  tidying = Migration::tidying(tidying.progress());
  EXPECT_EQ(finish(tidying), from_staged);
  EXPECT_EQ(tidying.state(), MoveState::rolled_back);
  EXPECT_FALSE(Migration::tidying(tidying.progress()).next());
}

TEST(Migration, WhatIsRetiredIsCleanedWhenItIsTime) {
  Migration moved{warm};
  finish(moved);
  auto tidying = Migration::tidying(moved.progress());
  tidying.on(broken);
  EXPECT_FALSE(tidying.next());
  EXPECT_EQ(tidying.state(), MoveState::source_retired);
  tidying = Migration::tidying(tidying.progress());
  EXPECT_EQ(finish(tidying), std::vector{Act::clean});
  EXPECT_EQ(tidying.state(), MoveState::cleaned);
  EXPECT_FALSE(Migration::tidying(tidying.progress()).next());
}

TEST(Migration, RecoversForwardAfterTheCommit) {
  auto migration = Migration::recovered({MoveState::committed, Act::commit}, "restarted");
  EXPECT_THAT(finish(migration),
              ElementsAre(Act::finish_destination, Act::redirect, Act::retire_source));
  EXPECT_EQ(migration.state(), MoveState::source_retired);
}

TEST(Migration, WhatCameAfterTheCommitIsNotDoneAgain) {
  // Somebody may have stopped the copy since: finishing it would start it again.
  auto migration = Migration::recovered({MoveState::redirected, Act::retire_source}, "restarted");
  EXPECT_THAT(finish(migration), ElementsAre(Act::retire_source));
}

TEST(Migration, GoesOnWhereNothingOfTheSourceWasTouched) {
  const MoveProgress progress{MoveState::image_staged, Act::create_destination};
  auto migration = Migration::recovered(progress, "restarted", warm);
  EXPECT_EQ(migration.next()->act, Act::create_destination);
  finish(migration);
  EXPECT_EQ(migration.state(), MoveState::source_retired);

  auto rules = warm;
  rules.may_resume = false;
  migration = Migration::recovered(progress, "out of date", rules);
  EXPECT_EQ(finish(migration), from_staged);
  EXPECT_EQ(migration.failure()->message, "out of date");
}

TEST(Migration, ADriverThatDiesAgainAndAgainEndsTheMove) {
  MoveProgress progress{MoveState::reserved, Act::stage_image};
  for (int i = 0; i < 3; ++i) {
    const auto migration = Migration::recovered(progress, "restarted");
    EXPECT_EQ(migration.next()->act, Act::stage_image);
    progress = migration.progress();
  }
  auto migration = Migration::recovered(progress, "restarted");
  EXPECT_EQ(finish(migration), from_staged);
}

TEST(Migration, RecoversByLookingAtACopyThatMayRun) {
  for (const auto& progress : {MoveProgress{MoveState::final_sync, Act::start_destination},
                               MoveProgress{MoveState::destination_healthy, Act::commit}}) {
    auto healthy = Migration::recovered(progress, "restarted");
    EXPECT_EQ(healthy.next()->act, Act::check_destination);
    finish(healthy);
    EXPECT_EQ(healthy.state(), MoveState::source_retired);
    auto dead = Migration::recovered(progress, "restarted");
    dead.on(broken);
    EXPECT_EQ(finish(dead), from_started);
    EXPECT_EQ(dead.state(), MoveState::rolled_back);
  }
}

TEST(Migration, ACopyThatMayHaveBeenCommittedIsNotTakenBack) {
  auto rules = leased;
  rules.commit_unknown = true;
  auto migration = Migration::recovered({MoveState::destination_started, Act::check_destination},
                                        "the journal is lost", rules);
  for (int i = 0; i < 3; ++i) migration.on(broken);
  EXPECT_EQ(migration.state(), MoveState::quarantined);
}

TEST(Migration, AWayBackThatBeganIsGoneToItsEnd) {
  auto migration =
      Migration::recovered({MoveState::rolling_back, Act::check_destination}, "restarted");
  EXPECT_EQ(finish(migration), from_started);
}

TEST(Migration, ASourceWhoseHostIsAwayIsNotGivenUp) {
  auto migration = before(Act::final_sync, {.patience = {.tries = 2, .pause = Duration{1}}});
  for (int i = 0; i < 3; ++i) migration.on(broken);
  EXPECT_FALSE(migration.next());
  EXPECT_EQ(migration.state(), MoveState::rolling_back);
  EXPECT_FALSE(is_final(migration.state()));
  EXPECT_TRUE(Migration::recovered(migration.progress(), "again").next());
}

TEST(Migration, RecoversBackBeforeIt) {
  auto migration = Migration::recovered({MoveState::source_stopped, Act::final_sync}, "restarted");
  EXPECT_EQ(finish(migration), from_stopped);
  EXPECT_EQ(migration.state(), MoveState::rolled_back);
  EXPECT_EQ(migration.failure()->message, "restarted");
}

TEST(Migration, ASecondRecoveryIsNothing) {
  for (const auto state :
       {MoveState::planned, MoveState::approved, MoveState::source_retired, MoveState::cleaned,
        MoveState::rolled_back, MoveState::quarantined, MoveState::superseded}) {
    const auto migration = Migration::recovered({state, Act::commit}, "x");
    EXPECT_FALSE(migration.next());
    EXPECT_EQ(migration.state(), state);
  }
}

TEST(MoveState, NamesGoBothWays) {
  for (int i = 0; i <= static_cast<int>(MoveState::superseded); ++i) {
    const auto state = static_cast<MoveState>(i);
    EXPECT_EQ(parse_state(state_name(state)), state);
  }
  for (int i = 0; i <= static_cast<int>(Act::remove_destination); ++i) {
    const auto act = static_cast<Act>(i);
    EXPECT_EQ(parse_act(act_name(act)), act);
  }
  for (const auto strategy : {Strategy::cold, Strategy::warm}) {
    EXPECT_EQ(parse_strategy(strategy_name(strategy)), strategy);
  }
  EXPECT_FALSE(parse_state("nonsense"));
}

}  // namespace
}  // namespace plimsoll
