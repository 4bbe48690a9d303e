#include "store/influx_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store_conformance.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::vector<Point> points(int count) {
  std::vector<Point> made;
  for (int i = 0; i < count; ++i) made.push_back(device("h" + std::to_string(i), i, {{"a", 1.0}}));
  return made;
}

using Part = InfluxBatch::Part;

TEST(InfluxRefusal, ReadsTheLinesThatVersion3Names) {
  const auto partial =
      parse_influx_partial(400,
                           R"({"error":"partial write of line protocol occurred","data":[
        {"original_line":"x","line_number":2,"error_message":"invalid\ncolumn type"},
        {"line_number":0},{"line_number":4},7]})");
  ASSERT_TRUE(partial);
  EXPECT_THAT(partial->faults, ElementsAre(InfluxLineFault{1, "invalid?column type"},
                                           InfluxLineFault{3, "refused"}));
}

TEST(InfluxRefusal, ReadsTheLineThatVersion2Suspects) {
  const auto partial = parse_influx_partial(
      400, R"({"code":"invalid","message":"unable to parse 'x': missing fields","line":3})");
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->suspect, 2U);
  EXPECT_FALSE(
      parse_influx_partial(404, R"({"code":"not found","message":"bucket \"x\" not found"})"));
}

TEST(InfluxBatch, LargeOnesAreCutAndAllIsAccountedFor) {
  InfluxBatch batch{points(12'001)};
  std::vector<std::size_t> sizes;
  while (!batch.done()) {
    const auto part = batch.next();
    sizes.push_back(part.size());
    batch.taken(part);
  }
  EXPECT_THAT(sizes, ElementsAre(5000, 5000, 2001));
  EXPECT_EQ(std::move(batch).report().written, 12'001U);
}

TEST(InfluxBatch, NamedLinesAreRefusedAndTheOthersSentAgain) {
  auto given = points(5);
  given.insert(given.begin(), device("bad", 0, {}));  // not even sent
  InfluxBatch batch{given};
  auto part = batch.next();
  ASSERT_THAT(part, SizeIs(5));
  InfluxPartial partial{"some", {}, {{1, "no"}, {3, "nor this"}, {99, "not ours"}}, {}};
  batch.taken_in_part(part, partial);
  ASSERT_FALSE(batch.done());
  part = batch.next();
  EXPECT_THAT(part, ElementsAre(0, 2, 4));
  batch.taken(part);
  EXPECT_TRUE(batch.done());
  const auto report = std::move(batch).report();
  EXPECT_EQ(report.written, 3U);
  EXPECT_EQ(report.rejected, 3U);
  EXPECT_THAT(report.refused, ElementsAre(0, 2, 4));  // places in what was given
  EXPECT_THAT(report.problems[1], HasSubstr("Device host=h1: no (line: Device,host=h1 a=1 "));
}

TEST(InfluxBatch, ASuspectIsTriedAlone) {
  InfluxBatch batch{points(8)};
  batch.taken_in_part(batch.next(), {"why", {}, {}, 5});
  const auto alone = batch.next();
  EXPECT_THAT(alone, ElementsAre(5));
  batch.taken_in_part(alone, {"why", {}, {}, 0});
  const auto rest = batch.next();
  EXPECT_THAT(rest, SizeIs(7));
  batch.taken(rest);
  EXPECT_THAT(std::move(batch).report().refused, ElementsAre(5));
}

TEST(InfluxBatch, TheSearchForBadPointsEnds) {
  InfluxBatch batch{points(5'000)};
  int requests = 0;
  while (!batch.done()) {
    ++requests;
    batch.taken_in_part(batch.next(), {"all bad", {}, {}, {}});
  }
  EXPECT_LT(requests, 600);
  const auto report = std::move(batch).report();
  EXPECT_EQ(report.rejected, 5'000U);
  EXPECT_THAT(report.refused, SizeIs(5'000));
  EXPECT_THAT(report.problems, SizeIs(problems_max));
}

}  // namespace
}  // namespace plimsoll
