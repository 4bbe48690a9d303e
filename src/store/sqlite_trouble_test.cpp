#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <csignal>

#include "store/sqlite_reader.h"
#include "store/sqlite_store.h"
#include "store/sqlite_writer.h"
#include "store/store_conformance.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct SqliteTrouble : testing::Test {
  SqliteDb db(SqliteDb::Mode mode = SqliteDb::Mode::read_write) {
    auto opened = SqliteDb::open(file, mode);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  SqliteWriter writer() {
    auto made = db();
    const auto prepared = prepare_schema(made);
    EXPECT_TRUE(prepared) << prepared.error().message;
    return SqliteWriter{std::move(made)};
  }
  TempDir folder;
  std::filesystem::path file = folder.path() / "telemetry.db";
};

std::vector<Point> batch(int number) {
  std::vector<Point> points;
  for (int host = 0; host < 50; ++host) {
    points.push_back(device("h" + std::to_string(host), number, {{"a", 1.0 * number}}));
  }
  return points;
}

// Writes batches for ever and tells of each that was taken.
[[noreturn]] void write_until_killed(SqliteWriter writer, int told) {
  for (int number = 0;; ++number) {
    if (!writer.write(batch(number))) ::_exit(1);
    if (::write(told, "x", 1) != 1) ::_exit(2);
  }
}

TEST_F(SqliteTrouble, KilledInTheMiddleOfWritingItLosesNothingThatItSaidItTook) {
  for (int round = 0; round < 5; ++round) {
    std::array<int, 2> told{};
    ASSERT_EQ(::pipe(told.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(writer(), told[1]);
    ::close(told[1]);
    // Some batches, and then at any moment of a next one.
    int taken = 0;
    char one = 0;
    while (taken < 20 + round * 7 && ::read(told[0], &one, 1) == 1) ++taken;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(told[0], &one, 1) == 1) ++taken;
    ::close(told[0]);
    ASSERT_GE(taken, 20);

    auto after = db();
    auto check = after.prepare("PRAGMA integrity_check");
    ASSERT_TRUE(check && *check->step());
    EXPECT_EQ(check->text(0), "ok");
    check->reset();
    // Each batch is there whole or not at all.
    EXPECT_EQ(*after.integer("SELECT count(*) % 50 FROM Device"), 0);
    EXPECT_GE(*after.integer("SELECT count(DISTINCT time) FROM Device"), taken);
    EXPECT_TRUE(writer().write(batch(1'000'000)));
    ASSERT_TRUE(after.exec("DELETE FROM Device"));
  }
}

TEST_F(SqliteTrouble, AFullDiskIsSaidAndNothingIsHalfWritten) {
  auto writing = writer();
  ASSERT_TRUE(writing.write(batch(1)));
  ASSERT_TRUE(writing.db().exec("PRAGMA max_page_count = 20"));
  Result<WriteReport> report = WriteReport{};
  for (int number = 2; number < 200 && report; ++number) report = writing.write(batch(number));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::io);
  EXPECT_THAT(report.error().message, AllOf(StartsWith(file.string()), HasSubstr("disk is full")));
  auto reading = db();
  EXPECT_EQ(*reading.integer("SELECT count(*) % 50 FROM Device"), 0);
  // There is room again.
  ASSERT_TRUE(writing.db().exec("PRAGMA max_page_count = 100000"));
  EXPECT_TRUE(writing.write(batch(500)));
}

TEST_F(SqliteTrouble, AReaderThatTakesLongHoldsUpNobodyAndSeesOneState) {
  auto writing = writer();
  ASSERT_TRUE(writing.write(batch(0)));
  auto reading = db(SqliteDb::Mode::read_only);
  auto snapshot = SqliteTransaction::begin(reading, SqliteTransaction::Kind::deferred);
  auto rows = reading.prepare("SELECT * FROM Device");
  ASSERT_TRUE(snapshot && rows && *rows->step());  // in the middle of its answer
  for (int number = 1; number <= 100; ++number) {
    const auto report = writing.write(batch(number));
    ASSERT_TRUE(report) << report.error().message;
  }
  auto other = db(SqliteDb::Mode::read_only);
  EXPECT_EQ(*other.integer("SELECT count(*) FROM Device"), 101 * 50);
  int seen = 1;
  while (*rows->step()) ++seen;
  EXPECT_EQ(seen, 50);
}

// As plimsoll made it before there were roll-ups.
constexpr const char* format_1 = R"sql(
PRAGMA application_id=1347177811; PRAGMA user_version=1;
CREATE TABLE series(id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL,
  UNIQUE(measurement, tags));
CREATE INDEX series_host ON series(measurement, json_extract(tags, '$.host'));
CREATE TABLE Device(series INTEGER NOT NULL, time INTEGER NOT NULL, a REAL,
  PRIMARY KEY(series, time)) WITHOUT ROWID;
INSERT INTO series VALUES(1, 'Device', '{"host":"h1"}');
INSERT INTO Device VALUES(1, 1750000020000, 2.5);
)sql";

TEST_F(SqliteTrouble, AFileOfAnOlderFormatIsTakenOver) {
  ASSERT_TRUE(db().exec(format_1));
  asio::io_context context;
  SqliteStore store{file};
  ASSERT_TRUE(run_task(context, store.open()));
  LatestQuery query{"Device", {}, at(0)};
  EXPECT_THAT(*run_task(context, store.latest(query)),
              testing::ElementsAre(device("h1", 0, {{"a", 2.5}})));
  const auto done = run_task(context, store.upkeep(at(3'600'000)));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->rolled_up, 1U);
  EXPECT_EQ(*db().integer("PRAGMA user_version"), sqlite_schema_version);
}

Task<bool> keep_write_and_read(SqliteStore* store) {
  using namespace asio::experimental::awaitable_operators;
  std::vector<Point> more = batch(10'800'000);
  RangeQuery query{"Device", {"a"}, {}, at(0), at(20'000'000)};
  auto all = store->upkeep(at(10'800'000)) && store->write(std::move(more)) &&
             store->range(std::move(query)) && store->upkeep(at(10'800'000));
  auto [kept, written, read, second] = co_await std::move(all);
  co_return kept&& written&& read&& second && written->written == 50 &&
      kept->deleted == std::uint64_t{20} * 720 && second->deleted == 0;
}

TEST_F(SqliteTrouble, UpkeepGoesOnWhileOthersWriteAndRead) {
  asio::io_context context;
  SqliteStore store{file, {.raw = std::chrono::hours{1}}};
  ASSERT_TRUE(run_task(context, store.open()));
  std::vector<Point> points;
  for (int i = 0; i < 3 * 360; ++i) {
    for (int host = 0; host < 20; ++host) {
      points.push_back(
          device("h" + std::to_string(host), std::int64_t{i} * 10'000, {{"a", 1.0 * i}}));
    }
  }
  ASSERT_TRUE(run_task(context, store.write(points)));
  EXPECT_TRUE(run_task(context, keep_write_and_read(&store)));
}

}  // namespace
}  // namespace plimsoll
