#include "orchestrate/journal.h"

#include <gtest/gtest.h>

#include "runtime/files.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

struct JournalTest : testing::Test {
  TempDir dir;
  std::filesystem::path file = dir.path() / "journal.db";
  Journal journal = Journal::open(file).value();

  MoveRecord add(const std::string& id, const std::string& container = "web",
                 const std::string& from = "h1", const std::string& to = "h2") {
    MoveRecord record;
    record.id = MoveId{id};
    record.container = ContainerName{container};
    record.members = {{record.container, "app:1", "s", "", "no", 0, "", "", {}}};
    record.from = HostId{from};
    record.to = HostId{to};
    record.reason = "because";
    record.created = TimePoint{Duration{1'000'000 + static_cast<std::int64_t>(id.size())}};
    EXPECT_TRUE(journal.add(record));
    return record;
  }
};

TEST_F(JournalTest, EverythingComesBack) {
  auto record = add("aaaaaaaaaaaa");
  record.progress = {MoveState::final_sync, Act::start_destination};
  record.actual = {Bytes{123}, 1.5, 0.5};
  record.members[0].copy_id = "c";
  record.members[0].restart_policy = "on-failure";
  record.members[0].restart_retries = 4;
  record.demand = {0.5, Bytes{10}, Bytes{20}};
  StepRecord step{"stop source", TimePoint{Duration{5}}, std::nullopt, false, ""};
  ASSERT_TRUE(journal.begin_step(record, step));
  auto found = Journal::open(file).value().find(record.id).value();
  ASSERT_EQ(found.steps.size(), 1U);
  EXPECT_FALSE(found.steps[0].finished);
  ASSERT_TRUE(journal.note_progress(record.id, "half"));
  EXPECT_EQ(journal.find(record.id)->steps[0].detail, "half");
  step.finished = TimePoint{Duration{9}};
  step.failed = true;
  step.detail = "why";
  ASSERT_TRUE(journal.end_step(record, step));
  found = journal.find(record.id).value();
  EXPECT_EQ(found.steps[0].finished, step.finished);
  EXPECT_TRUE(found.steps[0].failed);
  ASSERT_TRUE(journal.note_progress(record.id, "too late"));
  EXPECT_EQ(found.steps[0].detail, "why");
  EXPECT_EQ(journal.find(record.id)->steps[0].detail, "why");
  EXPECT_EQ(found.progress.state, MoveState::final_sync);
  EXPECT_EQ(found.progress.reached, Act::start_destination);
  ASSERT_EQ(found.members.size(), 1U);
  EXPECT_EQ(found.members[0].copy_id, "c");
  EXPECT_EQ(found.members[0].restart_policy, "on-failure");
  EXPECT_EQ(found.members[0].restart_retries, 4);
  EXPECT_EQ(found.actual.bytes, Bytes{123});
  EXPECT_EQ(found.demand.storage, Bytes{20});
}

TEST_F(JournalTest, AFileOfTheFirstVersionIsReadAndBroughtUpToDate) {
  MoveRecord record = add("aaaaaaaaaaaa");
  record.predicted.bytes = Bytes{900};
  record.predicted.image_bytes = Bytes{700};
  ASSERT_TRUE(journal.update(record));
  EXPECT_EQ(journal.find(record.id)->predicted.image_bytes, Bytes{700});
  {
    auto db = SqliteDb::open(file, SqliteDb::Mode::read_write).value();
    ASSERT_TRUE(db.exec("ALTER TABLE moves DROP COLUMN predicted_image_bytes"));
    ASSERT_TRUE(db.exec("ALTER TABLE moves DROP COLUMN details"));
    for (const char* column : {"source_id", "copy_id", "restart_policy"}) {
      ASSERT_TRUE(db.exec(std::string{"ALTER TABLE moves ADD COLUMN "} + column +
                          " TEXT NOT NULL DEFAULT 'was'"));
    }
    ASSERT_TRUE(db.exec("ALTER TABLE moves ADD COLUMN restart_retries INTEGER NOT NULL DEFAULT 3"));
    ASSERT_TRUE(db.exec("PRAGMA user_version=1"));
  }
  const auto looked = Journal::open_to_read(file).value().find(record.id);
  EXPECT_EQ(looked->predicted.image_bytes, Bytes{900}) << "as if all were the image";
  ASSERT_EQ(looked->members.size(), 1U);
  EXPECT_EQ(looked->members[0].container.str(), "web");
  EXPECT_EQ(looked->members[0].source_id, "was");
  auto again = Journal::open(file).value();
  EXPECT_EQ(again.find(record.id)->predicted.image_bytes, Bytes{900});
  EXPECT_EQ(again.find(record.id)->members[0].restart_retries, 3);
  add("bbbbbbbbbbbb", "db");
  EXPECT_TRUE(Journal::open(file)) << "once is enough";
}

TEST_F(JournalTest, ADrainedHostStaysSoUntilItIsTakenOff) {
  ASSERT_TRUE(journal.set_drained(HostId{"h1"}, true));
  ASSERT_TRUE(journal.set_drained(HostId{"h1"}, true));
  EXPECT_EQ(Journal::open(file).value().drained().value(), std::set{HostId{"h1"}});
  ASSERT_TRUE(journal.set_drained(HostId{"h1"}, false));
  EXPECT_TRUE(journal.drained().value().empty());
}

TEST_F(JournalTest, ItsOwnerIsTheSameForEver) {
  const auto owner = journal.owner().value();
  EXPECT_EQ(owner.size(), 16U);
  EXPECT_EQ(Journal::open(file).value().owner().value(), owner);
}

TEST_F(JournalTest, ARejectedPlanIsOver) {
  const auto record = add("aaaaaaaaaaaa");
  ASSERT_TRUE(journal.reject(record.id));
  EXPECT_EQ(journal.find(record.id)->progress.state, MoveState::superseded);
  EXPECT_FALSE(journal.approve(record.id));
}

TEST_F(JournalTest, DetailsThatCannotBeReadAreForAPerson) {
  const auto record = add("aaaaaaaaaaaa");
  auto db = SqliteDb::open(file, SqliteDb::Mode::read_write).value();
  ASSERT_TRUE(db.exec("UPDATE moves SET details = '{}'"));
  EXPECT_EQ(journal.find(record.id)->progress.state, MoveState::quarantined);
}

TEST_F(JournalTest, WhoOnlyLooksChangesNothing) {
  add("aaaaaaaaaaaa");
  auto looking = Journal::open_to_read(file).value();
  EXPECT_EQ(looking.open_moves().value().size(), 1U);
  EXPECT_FALSE(looking.next_epoch());
  const auto nowhere = dir.path() / "none.db";
  EXPECT_EQ(Journal::open_to_read(nowhere).error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(nowhere));
}

TEST_F(JournalTest, EpochsOnlyRise) {
  const auto first = journal.next_epoch().value();
  auto other = Journal::open(file).value();
  EXPECT_GT(other.next_epoch().value(), first);
  EXPECT_GT(journal.next_epoch().value(), first + 1);
}

TEST_F(JournalTest, AContainerIsMovedOnceAtATime) {
  add("aaaaaaaaaaaa");
  add("bbbbbbbbbbbb");
  const MoveLimits limits;
  ASSERT_TRUE(journal.reserve(MoveId{"aaaaaaaaaaaa"}, limits, 1));
  const auto again = journal.reserve(MoveId{"bbbbbbbbbbbb"}, limits, 1);
  EXPECT_EQ(again.error().code, Errc::conflict);
  EXPECT_NE(again.error().message.find("aaaaaaaaaaaa"), std::string::npos);
  EXPECT_EQ(journal.reserve(MoveId{"aaaaaaaaaaaa"}, limits, 1).error().code, Errc::conflict);
  EXPECT_EQ(journal.reserve(MoveId{"cccccccccccc"}, limits, 1).error().code, Errc::not_found);
}

TEST_F(JournalTest, LimitsHoldPerHostAndForTheFleet) {
  add("aaaaaaaaaaaa", "a", "h1", "h2");
  add("bbbbbbbbbbbb", "b", "h1", "h3");
  add("cccccccccccc", "c", "h1", "h4");
  add("dddddddddddd", "d", "h5", "h6");
  add("eeeeeeeeeeee", "e", "h7", "h8");
  const MoveLimits limits{2, 3};
  EXPECT_TRUE(journal.reserve(MoveId{"aaaaaaaaaaaa"}, limits, 1));
  EXPECT_TRUE(journal.reserve(MoveId{"bbbbbbbbbbbb"}, limits, 1));
  EXPECT_FALSE(journal.reserve(MoveId{"cccccccccccc"}, limits, 1));
  EXPECT_TRUE(journal.reserve(MoveId{"dddddddddddd"}, limits, 1));
  EXPECT_FALSE(journal.reserve(MoveId{"eeeeeeeeeeee"}, limits, 1));
}

TEST_F(JournalTest, OnlyWaitingPlansCanBeApproved) {
  add("aaaaaaaaaaaa");
  EXPECT_TRUE(journal.approve(MoveId{"aaaaaaaaaaaa"}));
  EXPECT_EQ(journal.approve(MoveId{"aaaaaaaaaaaa"}).error().code, Errc::conflict);
  EXPECT_EQ(journal.approve(MoveId{"bbbbbbbbbbbb"}).error().code, Errc::not_found);
  EXPECT_EQ(journal.open_moves()->front().progress.state, MoveState::approved);
}

TEST_F(JournalTest, ADriverHoldsItsMove) {
  auto held = journal.lock(MoveId{"aaaaaaaaaaaa"});
  ASSERT_TRUE(held);
  EXPECT_EQ(Journal::open(file).value().lock(MoveId{"aaaaaaaaaaaa"}).error().code, Errc::conflict);
}

TEST(Journal, ADamagedFileIsNamed) {
  const TempDir dir;
  const auto file = dir.path() / "journal.db";
  ASSERT_TRUE(write_file_atomically(file, std::string(8192, 'x')));
  const auto journal = Journal::open(file);
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().message.find("journal.db"), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
