#include "store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "runtime/files.h"
#include "store/sqlite_db.h"
#include "store/sqlite_reader.h"
#include "store/store_conformance.h"
#include "support/temp_dir.h"

// Sensitivity, tried once each: keeping the writer's caches after a failed batch, and after another
// process wrote: AFailedBatchLeavesNothingOfItself and WhatAnotherProcessChangesIsSeen turned red.

namespace plimsoll {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct SqliteStoreTest : testing::Test {
  Result<void> open() {
    store = std::make_unique<SqliteStore>(file);
    return run_task(context, store->open());
  }
  Result<WriteReport> write(std::vector<Point> points) {
    return run_task(context, store->write(std::move(points)));
  }
  std::size_t rows(std::string measurement = "Device") {
    RangeQuery query{std::move(measurement), {"a"}, {}, TimePoint::min(), TimePoint::max()};
    const auto answer = run_task(context, store->range(std::move(query)));
    EXPECT_TRUE(answer) << answer.error().message;
    std::size_t count = 0;
    for (const auto& series : *answer) count += series.rows.size();
    return count;
  }
  SqliteDb by_hand() {
    auto db = SqliteDb::open(file, SqliteDb::Mode::read_write);
    EXPECT_TRUE(db) << db.error().message;
    return std::move(*db);
  }
  std::string why_not_open() {
    const auto opened = open();
    return opened ? "it opened" : opened.error().message;
  }

  TempDir folder;
  std::filesystem::path file = folder.path() / "telemetry.db";
  asio::io_context context;
  std::unique_ptr<SqliteStore> store;
};

TEST_F(SqliteStoreTest, PlainSqlReadsTheFile) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(
      write({device("h1", 0, {{"cpu_percent", 12.5}, {"up", true}, {"os", std::string{"x"}}})}));
  auto db = by_hand();
  auto sql = db.prepare(
      "SELECT datetime(time / 1000, 'unixepoch'), tags ->> 'host', cpu_percent, up, os "
      "FROM Device JOIN series ON series.id = Device.series WHERE measurement = 'Device'");
  ASSERT_TRUE(sql) << sql.error().message;
  ASSERT_TRUE(*sql->step());
  EXPECT_EQ(sql->text(0), "2025-06-15 15:07:00");
  EXPECT_EQ(sql->text(1), "h1");
  EXPECT_EQ(sql->number(2), 12.5);
  EXPECT_EQ(sql->integer(3), 1);
  EXPECT_EQ(sql->text(4), "x");
  EXPECT_EQ(*db.integer("PRAGMA user_version"), sqlite_schema_version);
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsNamedWithWhatToDo) {
  ASSERT_TRUE(write_file_atomically(file, std::string(5000, 'x')));
  EXPECT_THAT(why_not_open(), AllOf(StartsWith(file.string()), HasSubstr("is no SQLite database"),
                                    HasSubstr("move it away")));
  const auto refused = write({device("h1", 0, {{"a", 1.0}})});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unreachable);
  std::filesystem::remove(file);
  EXPECT_TRUE(run_task(context, store->open()));  // the same object, once the cause is gone
}

TEST_F(SqliteStoreTest, ADamagedFileIsAnErrorThatNamesItAndWhatToDo) {
  ASSERT_TRUE(open());
  std::vector<Point> points;
  for (int i = 0; i < 5000; ++i) points.push_back(device("h1", i, {{"a", 1.0}}));
  ASSERT_TRUE(write(std::move(points)));
  store.reset();
  ASSERT_TRUE(by_hand().exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  std::fstream damaged{file, std::ios::in | std::ios::out | std::ios::binary};
  damaged.seekp(4096);
  damaged << std::string(std::filesystem::file_size(file) - 4096, '\xee');
  damaged.close();
  std::string message = why_not_open();
  if (message == "it opened") message = write({device("h1", 0, {{"a", 1.0}})}).error().message;
  EXPECT_THAT(message,
              AllOf(StartsWith(file.string()), HasSubstr("is damaged"), HasSubstr(".recover")));
}

TEST_F(SqliteStoreTest, ANewerFormatIsRefused) {
  ASSERT_TRUE(open());
  store.reset();
  ASSERT_TRUE(by_hand().exec("PRAGMA user_version = 99"));
  EXPECT_THAT(why_not_open(),
              AllOf(StartsWith(file.string()), HasSubstr("newer plimsoll (format 99")));
}

TEST_F(SqliteStoreTest, AnotherProgramsDatabaseIsLeftAlone) {
  ASSERT_TRUE(by_hand().exec("CREATE TABLE bookmarks(url)"));
  EXPECT_THAT(why_not_open(), HasSubstr("belongs to another program"));
  EXPECT_EQ(*by_hand().integer("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(SqliteStoreTest, ReservedAndDoublyMeantNamesAreRejected) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(write({device("h1", 0, {{"a", 1.0}})}));
  const auto report = write({{"Series", {}, {{"a", 1.0}}, at(0)},
                             {"sqlite_x", {}, {{"a", 1.0}}, at(0)},
                             device("h1", 1, {{"A", 1.0}})});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->rejected, 3U);
  EXPECT_THAT(report->problems[2], HasSubstr("field 'A' differs from 'a' only in case"));
}

TEST_F(SqliteStoreTest, TheNumberOfFieldsIsBounded) {
  ASSERT_TRUE(open());
  std::vector<Point> points;
  points.reserve(490);
  for (int i = 0; i < 490; ++i) points.push_back(device("h1", i, {{"f" + std::to_string(i), 1.0}}));
  const auto report = write(std::move(points));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->written, 480U);
  EXPECT_EQ(report->rejected, 10U);
  EXPECT_THAT(report->problems[0], HasSubstr("more than 480"));
}

// A month of containers that came and went is not looked through each time.
TEST_F(SqliteStoreTest, SeriesThatEndedBeforeAreNotLookedInto) {
  ASSERT_TRUE(open());
  constexpr std::int64_t hour = 3'600'000;
  ASSERT_TRUE(write({device("old", 0, {{"a", 1.0}}), device("h1", 0, {{"a", 1.0}})}));
  ASSERT_TRUE(write({device("h1", 5 * hour, {{"a", 2.0}})}));
  auto db = by_hand();
  const auto found = find_series(db, "Device", {}, at(2 * hour));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().tags.at("host"), "h1");
  EXPECT_EQ(find_series(db, "Device", {}, at(hour / 2))->size(), 2U);
  // It may come back.
  ASSERT_TRUE(write({device("old", 6 * hour, {{"a", 3.0}})}));
  EXPECT_EQ(find_series(db, "Device", {}, at(2 * hour))->size(), 2U);
  ASSERT_TRUE(db.exec("UPDATE series SET fresh_until = NULL"));  // by an older plimsoll
  EXPECT_EQ(find_series(db, "Device", {}, at(9 * hour))->size(), 2U);
}

TEST_F(SqliteStoreTest, WhatAnotherProcessChangesIsSeen) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(write({device("h1", 0, {{"a", 1.0}})}));
  SqliteStore other{file, {.rollups = Duration{0}}};
  ASSERT_TRUE(run_task(context, other.open()));
  std::vector<Point> points{device("h2", 0, {{"a", 1.0}, {"b", 1.0}})};
  ASSERT_TRUE(run_task(context, other.write(points)));
  ASSERT_TRUE(write({device("h2", 1, {{"a", 2.0}, {"b", 2.0}})}));
  ASSERT_TRUE(run_task(context, other.upkeep(at(0) + std::chrono::hours{60})));
  // Its series was deleted there.
  ASSERT_TRUE(write({device("h1", 2'000, {{"a", 1.0}})}));
  EXPECT_EQ(rows(), 1U);
}

TEST_F(SqliteStoreTest, ReadersGoOnWhileAWriterHoldsTheFile) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(write({device("h1", 0, {{"a", 1.0}})}));
  auto db = by_hand();
  auto writing = SqliteTransaction::begin(db, SqliteTransaction::Kind::immediate);
  ASSERT_TRUE(writing);
  ASSERT_TRUE(db.exec("UPDATE Device SET a = 2"));
  EXPECT_EQ(rows(), 1U);
}

TEST_F(SqliteStoreTest, AFailedBatchLeavesNothingOfItself) {
  ASSERT_TRUE(open());
  ASSERT_TRUE(write({device("h1", 0, {{"a", 1.0}})}));
  ASSERT_TRUE(
      by_hand().exec("CREATE TRIGGER t BEFORE INSERT ON Device WHEN NEW.a = 13 "
                     "BEGIN SELECT RAISE(ABORT, 'unlucky'); END"));
  const auto failed =
      write({device("h2", 1, {{"a", 1.0}, {"new", 1.0}}), device("h2", 2, {{"a", 13.0}})});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("unlucky"));
  EXPECT_EQ(rows(), 1U);
  ASSERT_TRUE(write({device("h2", 1, {{"a", 1.0}, {"new", 1.0}})}));
  EXPECT_EQ(rows(), 2U);
}

TEST_F(SqliteStoreTest, SaysWhereItIs) {
  EXPECT_EQ(SqliteStore{"data/telemetry.db"}.describe(), "sqlite data/telemetry.db");
}

}  // namespace
}  // namespace plimsoll
