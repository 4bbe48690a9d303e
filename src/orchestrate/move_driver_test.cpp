#include "orchestrate/move_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;

/// Acts that always succeed, but one. Looks into the journal at each, as a crash would leave it.
class FakeActs : public MoveActs {
 public:
  explicit FakeActs(Journal& journal) : journal_(journal) {}
  Task<Result<std::string>> perform(Act act, MoveRecord* record) override {
    done.push_back(act);
    const auto kept = journal_.find(record->id).value();
    intents_on_disk = intents_on_disk && kept.steps.back().name == act_name(act) &&
                      !kept.steps.back().finished &&
                      kept.progress.reached >= record->progress.reached;
    if (act == fail_at) co_return Error{Errc::io, "no space left"};
    if (act == Act::preflight) record->members[0].source_id = "source";
    co_return std::string{"fine"};
  }
  std::optional<Act> fail_at;
  std::vector<Act> done;
  bool intents_on_disk = true;

 private:
  Journal& journal_;
};

struct DriverTest : testing::Test {
  TempDir dir;
  Journal journal = Journal::open(dir.path() / "journal.db").value();
  FakeActs acts{journal};
  asio::io_context context;
  OrchestratorConfig config;

  MoveRecord reserved() {
    MoveRecord record;
    record.id = make_move_id();
    record.container = ContainerName{"web"};
    record.members = {{record.container, "", "", "", "", 0, "", "", {}}};
    record.from = HostId{"h1"};
    record.to = HostId{"h2"};
    EXPECT_TRUE(journal.add(record));
    EXPECT_TRUE(journal.reserve(record.id, MoveLimits{}, 1));
    return journal.find(record.id).value();
  }
  MoveRecord drive(MoveRecord record, Take take = Take::fresh) {
    MoveDriverParts parts{journal, acts, nullptr, wall_clock_now, config};
    MoveDriver driver{std::move(parts), MoveRules{.patience = {.tries = 2, .pause = Duration{1}}}};
    return run_task(context, driver.drive(std::move(record), take)).value();
  }
};

TEST_F(DriverTest, EveryIntentIsOnDiskBeforeItsAct) {
  const auto ended = drive(reserved());
  EXPECT_EQ(ended.progress.state, MoveState::source_retired);
  EXPECT_TRUE(acts.intents_on_disk);
  const auto kept = journal.find(ended.id).value();
  EXPECT_EQ(kept.steps.size(), 12U);
  EXPECT_EQ(kept.members[0].source_id, "source");
  EXPECT_TRUE(kept.finished);
}

TEST_F(DriverTest, AFailureIsUndoneAndTold) {
  acts.fail_at = Act::final_sync;
  const auto ended = drive(reserved());
  EXPECT_EQ(ended.progress.state, MoveState::rolled_back);
  EXPECT_EQ(ended.error, "no space left");
  EXPECT_THAT(std::vector(acts.done.end() - 3, acts.done.end()),
              ElementsAre(Act::start_source, Act::unfence_source, Act::remove_destination));
  EXPECT_TRUE(journal.open_moves()->empty());
}

TEST_F(DriverTest, WhatADeadDriverLeftIsTakenUp) {
  auto record = reserved();
  record.progress = {MoveState::source_fenced, Act::stop_source};
  const auto ended = drive(record, Take::recovered);
  EXPECT_EQ(ended.progress.state, MoveState::rolled_back);
  EXPECT_THAT(acts.done,
              ElementsAre(Act::start_source, Act::unfence_source, Act::remove_destination));
}

TEST_F(DriverTest, AHookThatSaysNoBeforeTheStopTakesTheMoveBack) {
  config.hooks.at["pre_stop"] = {"/bin/false"};
  const auto ended = drive(reserved());
  EXPECT_EQ(ended.progress.state, MoveState::rolled_back);
  EXPECT_NE(ended.error.find("hook pre_stop"), std::string::npos);
  EXPECT_EQ(std::ranges::count(acts.done, Act::stop_source), 0);
}

TEST_F(DriverTest, AHookThatFailsAfterTheCommitIsOnlyToldOf) {
  config.hooks.at["post_commit"] = {"/bin/false"};
  config.hooks.at["pre_retire"] = {"/bin/false"};
  EXPECT_EQ(drive(reserved()).progress.state, MoveState::source_retired);
}

TEST_F(DriverTest, AQuarantinedMoveTellsAPersonWhatToType) {
  acts.fail_at = Act::stop_destination;
  auto record = reserved();
  record.progress = {MoveState::rolling_back, Act::check_destination};
  record.members[0].source_id = std::string(64, 'a');
  const auto ended = drive(record, Take::recovered);
  EXPECT_EQ(ended.progress.state, MoveState::quarantined);
  EXPECT_NE(quarantine_help(ended).find("ssh h1 docker start aaaaaaaaaaaa"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
