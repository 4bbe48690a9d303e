#include "store/sqlite_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.h"
#include "store/sqlite_store.h"
#include "store/store_conformance.h"
#include "support/temp_dir.h"

// Sensitivity, tried once each: no mark for late points, and REPLACE where the raw points are gone:
// each turned a test of these red.

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

struct SqliteKeeperTest : testing::Test {
  void SetUp() override { open(); }
  void open() {
    store = std::make_unique<SqliteStore>(file, keep);
    const auto opened = run_task(context, store->open());
    ASSERT_TRUE(opened) << opened.error().message;
  }
  void write(std::vector<Point> points) {
    const auto report = run_task(context, store->write(std::move(points)));
    ASSERT_TRUE(report) << report.error().message;
  }
  // A value each ten seconds: 0 to 5 in each minute; "steady" is always 7.
  void write_minutes(std::int64_t from_ms, std::int64_t to_ms, const std::string& host = "h1") {
    std::vector<Point> points;
    for (std::int64_t ms = from_ms; ms < to_ms; ms += 10'000) {
      const auto value = static_cast<double>(ms / 10'000 % 6);
      points.push_back(device(host, ms, {{"a", value}, {"steady", std::int64_t{7}}}));
    }
    write(std::move(points));
  }
  StoreUpkeep upkeep(std::int64_t now_ms) {
    auto done = run_task(context, store->upkeep(at(now_ms)));
    EXPECT_TRUE(done) << done.error().message;
    return done ? *done : StoreUpkeep{};
  }
  std::vector<SummaryRow> minutes(std::int64_t from_ms, std::int64_t to_ms,
                                  std::int64_t step_ms = minute) {
    AggregateQuery query;
    query.measurement = "Device";
    query.fields = {"a", "steady"};
    query.from = at(from_ms);
    query.to = at(to_ms);
    query.step = Duration{step_ms};
    const auto series = run_task(context, store->aggregate(std::move(query)));
    EXPECT_TRUE(series) << series.error().message;
    return series->empty() ? std::vector<SummaryRow>{} : series->front().rows;
  }
  std::int64_t count(const std::string& what) {
    auto db = SqliteDb::open(file, SqliteDb::Mode::read_only);
    EXPECT_TRUE(db) << db.error().message;
    const auto number = db->integer("SELECT count(*) FROM " + what);
    EXPECT_TRUE(number) << number.error().message;
    return number ? *number : -1;
  }

  std::int64_t used_bytes() {
    auto db = SqliteDb::open(file, SqliteDb::Mode::read_only);
    EXPECT_TRUE(db) << db.error().message;
    const auto pages = [&](const char* pragma) { return *db->integer(pragma); };
    return (pages("PRAGMA page_count") - pages("PRAGMA freelist_count")) *
           pages("PRAGMA page_size");
  }
  static std::int64_t ms_at(std::int64_t ms) { return at(ms).time_since_epoch().count(); }

  TempDir folder;
  std::filesystem::path file = folder.path() / "telemetry.db";
  SqliteKeep keep;
  asio::io_context context;
  std::unique_ptr<SqliteStore> store;
};

const SummaryRow full_minute{{}, {{6, 0, 5, 15, {}}, {6, 7, 7, 42, {}}}};

TEST_F(SqliteKeeperTest, MinutesThatAreOverAreRolledUpOnce) {
  write_minutes(0, 20 * minute);
  EXPECT_EQ(upkeep(20 * minute).rolled_up, 18U);  // two minutes of grace
  EXPECT_EQ(upkeep(20 * minute).rolled_up, 0U);
  EXPECT_EQ(count("\"Device@1m\""), 18);
  // What does not change takes one number.
  EXPECT_EQ(count("\"Device@1m\" WHERE \"steady.min\" = 7 AND \"steady.max\" IS NULL AND "
                  "\"steady.sum\" IS NULL AND \"steady.count\" IS NULL AND n = 6"),
            18);
}

TEST_F(SqliteKeeperTest, RollUpsGiveTheSameFiguresAsTheRawPoints) {
  write_minutes(0, hour);
  const auto before = minutes(0, hour);
  ASSERT_THAT(before, SizeIs(60));
  EXPECT_EQ(before[7].fields, full_minute.fields);
  const auto coarse = minutes(0, hour, 20 * minute);
  upkeep(hour);
  EXPECT_GT(upkeep(49 * hour).deleted, 0U);
  EXPECT_EQ(count("Device"), 0);
  auto after = minutes(0, hour);
  // The last minutes were rolled up by the second upkeep.
  EXPECT_EQ(after, before);
  EXPECT_EQ(minutes(0, hour, 20 * minute), coarse);
  EXPECT_EQ(count("series"), 1);
}

TEST_F(SqliteKeeperTest, ARangeAcrossTheBorderHasBoth) {
  write_minutes(0, 2 * hour);
  upkeep(2 * hour);
  const auto whole = minutes(0, 2 * hour);
  upkeep(49 * hour);  // what is older than an hour of it goes
  EXPECT_EQ(count("Device"), 360);
  EXPECT_EQ(minutes(0, 2 * hour), whole);
}

TEST_F(SqliteKeeperTest, PercentilesAreUnknownWhereOnlyRollUpsAreLeft) {
  write_minutes(0, 2 * hour);
  upkeep(2 * hour);
  upkeep(49 * hour);
  AggregateQuery query;
  query.measurement = "Device";
  query.fields = {"a"};
  query.from = at(0);
  query.to = at(2 * hour);
  query.step = Duration{hour};
  query.percentiles = {50};
  const auto series = run_task(context, store->aggregate(std::move(query)));
  ASSERT_TRUE(series);
  const auto& rows = series->front().rows;
  EXPECT_THAT(rows[0].fields[0].percentiles, ElementsAre(std::nullopt));
  EXPECT_THAT(rows[1].fields[0].percentiles, ElementsAre(2.0));
}

TEST_F(SqliteKeeperTest, APointThatComesLateChangesItsRollUp) {
  write_minutes(0, hour);
  upkeep(hour);
  write({device("h1", 5'000, {{"a", 100.0}}), device("h1", 6'000, {{"a", 100.0}})});
  EXPECT_EQ(count("_late"), 1);
  EXPECT_EQ(upkeep(hour).rolled_up, 1U);
  EXPECT_EQ(count("_late"), 0);
  upkeep(49 * hour);
  EXPECT_EQ(minutes(0, minute)[0].fields[0], (Summary{8, 0, 100, 215, {}}));
}

TEST_F(SqliteKeeperTest, APointLaterThanTheRawPointsDoesNotSpoilTheRollUp) {
  write_minutes(0, hour);
  upkeep(hour);
  upkeep(49 * hour);
  write({device("h1", 5'000, {{"a", 100.0}}), device("new", 5'000, {{"a", 3.0}})});
  upkeep(49 * hour + minute);
  EXPECT_EQ(count("Device"), 0);
  EXPECT_EQ(minutes(0, minute)[0].fields, full_minute.fields);
  EXPECT_EQ(count("\"Device@1m\" WHERE \"a.min\" = 3"), 1);  // better than nothing
}

TEST_F(SqliteKeeperTest, ANewFieldIsRolledUpToo) {
  write_minutes(0, 10 * minute);
  upkeep(20 * minute);
  write({device("h1", 30 * minute, {{"later", 1.5}, {"text", std::string{"x"}}})});
  upkeep(2 * hour);
  EXPECT_EQ(count("\"Device@1m\" WHERE \"later.min\" = 1.5"), 1);
}

TEST_F(SqliteKeeperTest, NothingIsDeletedThatIsNotRolledUpYet) {
  write_minutes(0, 10 * minute);
  upkeep(60 * hour);  // one upkeep after a long time
  EXPECT_EQ(count("Device"), 0);
  EXPECT_THAT(minutes(0, 10 * minute), SizeIs(10));
}

TEST_F(SqliteKeeperTest, PurgingWaitsForRollUps) {
  keep.raw = std::chrono::minutes{1};
  open();
  write_minutes(0, 4 * minute);
  EXPECT_EQ(upkeep(5 * minute).deleted, 0U);  // too few minutes to be worth a look at each series
  EXPECT_EQ(count("Device"), 24);
  EXPECT_EQ(upkeep(8 * minute).deleted, 24U);
  EXPECT_EQ(count("\"Device@1m\""), 4);
}

TEST_F(SqliteKeeperTest, RollUpsAndSeriesGoWhenTheirTimeIsOver) {
  write_minutes(0, 10 * minute);
  upkeep(hour);
  upkeep(31 * day);
  EXPECT_EQ(count("\"Device@1m\""), 0);
  EXPECT_EQ(count("series"), 0);
  write_minutes(32 * day, 32 * day + minute);  // the series is made anew
  EXPECT_EQ(count("Device"), 6);
  EXPECT_EQ(count("series"), 1);
}

TEST_F(SqliteKeeperTest, WithoutRollUpsRawPointsJustGo) {
  keep.rollups = Duration{0};
  keep.raw = std::chrono::hours{1};
  open();
  write_minutes(0, 2 * hour);
  EXPECT_EQ(upkeep(2 * hour).deleted, 360U);
  EXPECT_EQ(count("sqlite_schema WHERE name = 'Device@1m'"), 0);
  EXPECT_EQ(count("Device"), 360);
}

TEST_F(SqliteKeeperTest, AFileThatIsFullLosesItsOldestAndSaysSoOnce) {
  keep.bytes_max = Bytes{512U << 10};
  open();
  for (int host = 0; host < 20; ++host) {
    write_minutes(0, 4 * hour, "h" + std::to_string(host));
  }
  const auto report = upkeep(4 * hour);
  ASSERT_THAT(report.notes, SizeIs(2));
  EXPECT_THAT(report.notes[0], HasSubstr(file.string() + ": store.bytes_max (512 KiB)"));
  EXPECT_THAT(report.notes[1], HasSubstr("raw points alone"));
  EXPECT_LE(used_bytes(), 512 << 10);
  const auto left = minutes(0, 4 * hour, 4 * hour);
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_LT(count("Device WHERE time < " + std::to_string(ms_at(hour / 2))), 1);
  EXPECT_GT(count("Device WHERE time >= " + std::to_string(ms_at(4 * hour - 9 * minute))), 0);
  EXPECT_THAT(upkeep(4 * hour).notes, IsEmpty());
}

TEST_F(SqliteKeeperTest, ASeriesThatAFullFileLostGoesAtOnce) {
  keep.bytes_max = Bytes{512U << 10};
  open();
  write_minutes(0, minute, "gone");
  for (int host = 0; host < 20; ++host) {
    write_minutes(0, 4 * hour, "h" + std::to_string(host));
  }
  upkeep(4 * hour);
  EXPECT_EQ(count("Device WHERE series IN (SELECT id FROM series WHERE tags LIKE '%gone%')"), 0);
  EXPECT_EQ(count("series WHERE tags LIKE '%gone%'"), 0);
}

TEST_F(SqliteKeeperTest, ABoundTooSmallForTheFleetIsSaid) {
  keep.bytes_max = Bytes{64U << 10};
  open();
  for (int host = 0; host < 20; ++host) {
    write_minutes(0, 30 * minute, "h" + std::to_string(host));
  }
  const auto report = upkeep(30 * minute);
  EXPECT_THAT(report.notes, testing::Contains(HasSubstr("too small for ten minutes")));
  EXPECT_GT(count("Device"), 0);
}

}  // namespace
}  // namespace plimsoll
