#include "store/point_export.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "store/memory_store.h"
#include "store/store_conformance.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;

class Collected : public PointSink {
 public:
  Result<void> take(const std::vector<Point>& more) override {
    ++pieces;
    largest = std::max(largest, more.size());
    points.insert(points.end(), more.begin(), more.end());
    return {};
  }
  std::vector<Point> points;
  std::size_t pieces = 0;
  std::size_t largest = 0;
};

struct PointExportTest : testing::Test {
  void fill(int seconds, int per_second) {
    std::vector<Point> points;
    for (int second = 0; second < seconds; ++second) {
      for (int i = 0; i < per_second; ++i) {
        points.push_back(
            device(fmt::format("h{:04}", i), std::int64_t{second} * 1'000, {{"a", 1.0 * second}}));
      }
    }
    ASSERT_TRUE(run_task(context, store.write(points)));
  }
  Result<std::uint64_t> read(TimePoint from, TimePoint to, PointSink& sink) {
    PointsQuery query{"Device", {}, from, to};
    return run_task(context, read_in_pieces(&store, std::move(query), &sink));
  }
  asio::io_context context;
  MemoryStore store;
};

TEST_F(PointExportTest, AFullRangeComesInPiecesAndWhole) {
  fill(75, 400);  // more than an answer holds
  Collected collected;
  const auto count = read(at(0), at(75'000), collected);
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 30'000U);
  EXPECT_LE(collected.largest, points_answer_max);
  EXPECT_TRUE(std::is_sorted(collected.points.begin(), collected.points.end(),
                             [](const Point& a, const Point& b) { return a.time < b.time; }));
  EXPECT_EQ(collected.points.back().time, at(74'000));
}

TEST_F(PointExportTest, AnEmptyDecadeTakesFewQuestions) {
  fill(1, 1);
  Collected collected;
  const auto count = read(TimePoint{}, TimePoint::max(), collected);
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 1U);
  EXPECT_LT(collected.pieces, 100U);
}

TEST_F(PointExportTest, OneMomentThatIsTooMuchIsAnError) {
  fill(1, static_cast<int>(points_answer_max) + 1);
  Collected collected;
  const auto count = read(at(0), at(1), collected);
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, Errc::too_large);
}

TEST(PointExport, CsvQuotesWhatHasToBe) {
  EXPECT_EQ(csv_row({"a", "b,c", "say \"x\"", "two\nlines", ""}),
            "a,\"b,c\",\"say \"\"x\"\"\",\"two\nlines\",\r\n");
}

TEST(PointExport, CsvHasAColumnForEachTagAndField) {
  const auto container = Point{"Container",
                               {{"host", "h1"}, {"name", "web, 1"}},
                               {{"cpu", 1.5}, {"name", std::string{"x"}}, {"up", true}},
                               at(250)};
  const auto bare = device("h2", 0, {{"n", std::int64_t{-7}}});
  CsvColumns columns;
  ASSERT_TRUE(columns.take({container, bare}));
  EXPECT_EQ(csv_header(columns), "time,measurement,host,name,cpu,n,name (field),up\r\n");
  std::uint64_t left_out = 0;
  EXPECT_EQ(csv_line(columns, container, left_out),
            "2025-06-15T15:07:00.250Z,Container,h1,\"web, 1\",1.5,,x,true\r\n");
  EXPECT_EQ(csv_line(columns, bare, left_out), "2025-06-15T15:07:00.000Z,Device,h2,,,-7,,\r\n");
  EXPECT_EQ(left_out, 0U);
  auto late = bare;
  late.fields.emplace_back("new", 1.0);
  EXPECT_EQ(csv_line(columns, late, left_out), csv_line(columns, bare, left_out));
  EXPECT_EQ(left_out, 1U);
}

TEST(PointExport, ReadsMomentsAsPeopleWriteThem) {
  const TimePoint now = at(0);
  EXPECT_EQ(*parse_moment("now", now), now);
  EXPECT_EQ(*parse_moment("-90m", now), now - std::chrono::minutes{90});
  EXPECT_EQ(*parse_moment("2025-06-15T15:07:00Z", now), now);
  EXPECT_EQ(*parse_moment("2025-06-15", now), now - std::chrono::minutes{15 * 60 + 7});
  for (const char* wrong :
       {"", "yesterday", "-", "-5", "90m", "2025-13-01", "2025-06-15T25:00:00Z"}) {
    const auto parsed = parse_moment(wrong, now);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
    EXPECT_THAT(parsed.error().message, HasSubstr("write now, -90m"));
  }
}

}  // namespace
}  // namespace plimsoll
