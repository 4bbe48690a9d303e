// Sensitivity, tried once each: way_back without stop_destination (RollsBack/start_destination and
// the simulation turn red), forward_after that skips fence_source (TheWholeWay), recovered() that
// goes back from committed (RecoversForwardAfterTheCommit).
#include "move/migration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace plimsoll {
namespace {

using testing::ElementsAre;

const Failed broken{Error{Errc::io, "broken"}};

std::vector<Act> finish(Migration& migration) {
  std::vector<Act> acts;
  while (const auto command = migration.next()) {
    acts.push_back(command->act);
    migration.on(Done{});
  }
  return acts;
}

TEST(Migration, TheWholeWay) {
  Migration migration;
  EXPECT_THAT(
      finish(migration),
      ElementsAre(Act::preflight, Act::stage_image, Act::create_destination, Act::fence_source,
                  Act::stop_source, Act::final_sync, Act::start_destination, Act::check_destination,
                  Act::commit, Act::finish_destination, Act::retire_source));
  EXPECT_EQ(migration.state(), MoveState::source_retired);
  EXPECT_FALSE(migration.failure());
}

struct Break {
  Act at;
  std::vector<Act> undone;
};

class MigrationBreaks : public testing::TestWithParam<Break> {};

Migration fail_at(Act act) {
  Migration migration;
  while (migration.next()->act != act) migration.on(Done{});
  migration.on(broken);
  return migration;
}

TEST_P(MigrationBreaks, AndTheSourceRunsAgain) {
  auto migration = fail_at(GetParam().at);
  EXPECT_EQ(finish(migration), GetParam().undone);
  EXPECT_EQ(migration.state(), MoveState::rolled_back);
  EXPECT_EQ(migration.failure()->message, "broken");
}

const std::vector<Act> from_created{Act::remove_destination};
const std::vector<Act> from_fenced{Act::unfence_source, Act::remove_destination};
const std::vector<Act> from_stopped{Act::start_source, Act::unfence_source,
                                    Act::remove_destination};
const std::vector<Act> from_started{Act::stop_destination, Act::start_source, Act::unfence_source,
                                    Act::remove_destination};

INSTANTIATE_TEST_SUITE_P(Each, MigrationBreaks,
                         testing::Values(Break{Act::preflight, {}}, Break{Act::stage_image, {}},
                                         Break{Act::create_destination, from_created},
                                         Break{Act::fence_source, from_fenced},
                                         Break{Act::stop_source, from_stopped},
                                         Break{Act::final_sync, from_stopped},
                                         Break{Act::start_destination, from_started},
                                         Break{Act::check_destination, from_started}),
                         [](const auto& tested) {
                           std::string name{act_name(tested.param.at)};
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

TEST(Migration, ACommitThatMayOrMayNotBeOnDiskIsForAPerson) {
  auto migration = fail_at(Act::commit);
  EXPECT_EQ(migration.state(), MoveState::quarantined);
  EXPECT_FALSE(migration.next());
}

TEST(Migration, AfterTheCommitItOnlyGoesForward) {
  auto migration = fail_at(Act::finish_destination);
  EXPECT_EQ(migration.next()->act, Act::finish_destination);
  EXPECT_GT(migration.next()->after, Duration{0});
  finish(migration);
  EXPECT_EQ(migration.state(), MoveState::source_retired);
}

TEST(Migration, ADestinationThatCannotBeProvenStoppedIsQuarantined) {
  Migration migration{MovePatience{.tries = 3, .pause = Duration{10}}};
  while (migration.next()->act != Act::check_destination) migration.on(Done{});
  for (int i = 0; i < 4; ++i) migration.on(broken);
  EXPECT_EQ(migration.state(), MoveState::quarantined);
  EXPECT_FALSE(migration.next());
}

TEST(Migration, ALeftOverAtTheDestinationIsSaidAndHarmsNobody) {
  auto migration = fail_at(Act::create_destination);
  ASSERT_EQ(migration.next()->act, Act::remove_destination);
  migration.on(Failed{Error{Errc::unreachable, "h2 is away"}});
  EXPECT_EQ(migration.state(), MoveState::rolled_back);
  EXPECT_EQ(migration.left_over()->message, "h2 is away");
  EXPECT_EQ(migration.failure()->message, "broken");
}

TEST(Migration, RecoversForwardAfterTheCommit) {
  auto migration = Migration::recovered({MoveState::committed, Act::commit}, "restarted");
  EXPECT_THAT(finish(migration), ElementsAre(Act::finish_destination, Act::retire_source));
  EXPECT_EQ(migration.state(), MoveState::source_retired);
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

TEST(Migration, AWayBackThatBeganIsGoneToItsEnd) {
  auto migration =
      Migration::recovered({MoveState::rolling_back, Act::check_destination}, "restarted");
  EXPECT_EQ(finish(migration), from_started);
}

TEST(Migration, ASourceWhoseHostIsAwayIsNotGivenUp) {
  Migration migration{MovePatience{.tries = 2, .pause = Duration{1}}};
  while (migration.next()->act != Act::final_sync) migration.on(Done{});
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
  for (const auto state : {MoveState::source_retired, MoveState::cleaned, MoveState::rolled_back,
                           MoveState::quarantined, MoveState::superseded}) {
    EXPECT_FALSE(Migration::recovered({state, Act::commit}, "x").next());
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
  EXPECT_FALSE(parse_state("nonsense"));
}

}  // namespace
}  // namespace plimsoll
