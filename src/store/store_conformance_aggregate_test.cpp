#include <gmock/gmock.h>

#include <limits>

#include "store/store_conformance.h"

// Sensitivity, tried once each on SQLite: windows of one step only, and a percentile's rank cut
// instead of raised: each turned a test of this suite red.

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr double inf = std::numeric_limits<double>::infinity();

// Values that add up exactly, two hosts; at -5 s one that only a window reaches.
std::vector<Point> readings() {
  return {device("h1", -5'000, {{"a", 100.0}}),
          device("h1", 0, {{"a", 1.0}, {"n", std::int64_t{8}}, {"up", true}}),
          device("h1", 5'000, {{"a", 3.0}, {"n", std::int64_t{8}}, {"up", false}}),
          device("h1", 10'000, {{"a", 5.0}, {"t", std::string{"x"}}}),
          device("h1", 25'000, {{"a", 7.5}, {"up", true}}),
          device("h2", 12'000, {{"a", -10.0}, {"n", std::int64_t{-4}}}),
          device("h2", 30'000, {{"a", 9.0}})};
}

AggregateQuery of(std::vector<std::string> fields, std::int64_t step_ms,
                  std::int64_t window_ms = 0) {
  AggregateQuery query;
  query.measurement = "Device";
  query.fields = std::move(fields);
  query.from = at(0);
  query.to = at(30'000);
  query.step = Duration{step_ms};
  query.window = Duration{window_ms};
  return query;
}

Summary summary(std::uint64_t count, double min, double max, double sum) {
  return {count, min, max, sum, {}};
}

using Tags = std::map<std::string, std::string>;

TEST_P(StoreConformance, AggregatesByStepsOfTime) {
  write(readings());
  const auto series = aggregate(of({"a", "n", "none"}, 10'000));
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_EQ(series[0].tags, (Tags{{"host", "h1"}}));
  EXPECT_THAT(series[0].rows,
              ElementsAre(SummaryRow{at(0), {summary(2, 1, 3, 4), summary(2, 8, 8, 16), {}}},
                          SummaryRow{at(10'000), {summary(1, 5, 5, 5), {}, {}}},
                          SummaryRow{at(20'000), {summary(1, 7.5, 7.5, 7.5), {}, {}}}));
  EXPECT_EQ(series[0].rows[0].fields[0].mean(), 2);
  EXPECT_EQ(series[1].tags, (Tags{{"host", "h2"}}));
  EXPECT_THAT(
      series[1].rows,
      ElementsAre(SummaryRow{at(10'000), {summary(1, -10, -10, -10), summary(1, -4, -4, -4), {}}}));
}

TEST_P(StoreConformance, StepsBeginWhereTheRangeDoes) {
  write(readings());
  auto query = of({"a"}, 6'000);
  query.from = at(4'000);
  query.to = at(28'000);
  query.tags = {{"host", "h1"}};
  const auto series = aggregate(query);
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_THAT(series[0].rows, ElementsAre(SummaryRow{at(4'000), {summary(1, 3, 3, 3)}},
                                          SummaryRow{at(10'000), {summary(1, 5, 5, 5)}},
                                          SummaryRow{at(22'000), {summary(1, 7.5, 7.5, 7.5)}}));
}

TEST_P(StoreConformance, AWindowLongerThanTheStepMoves) {
  write(readings());
  const auto series = aggregate(of({"a"}, 10'000, 20'000));
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_THAT(series[0].rows, ElementsAre(SummaryRow{at(0), {summary(3, 1, 100, 104)}},
                                          SummaryRow{at(10'000), {summary(3, 1, 5, 9)}},
                                          SummaryRow{at(20'000), {summary(2, 5, 7.5, 12.5)}}));
  EXPECT_THAT(series[1].rows, ElementsAre(SummaryRow{at(10'000), {summary(1, -10, -10, -10)}},
                                          SummaryRow{at(20'000), {summary(1, -10, -10, -10)}}));
}

TEST_P(StoreConformance, WithoutAStepTheWholeRangeIsOne) {
  write(readings());
  const auto series = aggregate(of({"a"}, 0));
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_THAT(series[0].rows, ElementsAre(SummaryRow{at(0), {summary(4, 1, 7.5, 16.5)}}));
  EXPECT_THAT(series[1].rows, ElementsAre(SummaryRow{at(0), {summary(1, -10, -10, -10)}}));
}

TEST_P(StoreConformance, ATruthCountsAsZeroOrOneAndATextNotAtAll) {
  write(readings());
  const auto series = aggregate(of({"up", "t", "a"}, 0));
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_THAT(series[0].rows,
              ElementsAre(SummaryRow{at(0), {summary(3, 0, 1, 2), {}, summary(4, 1, 7.5, 16.5)}}));
  EXPECT_THAT(aggregate(of({"t"}, 0)), IsEmpty());
}

TEST_P(StoreConformance, PercentilesAreByNearestRank) {
  std::vector<Point> points;
  for (int i = 1; i <= 100; ++i)
    points.push_back(device("h1", std::int64_t{i} * 100, {{"a", i * 1.0}}));
  write(std::move(points));
  auto query = of({"a"}, 0);
  query.percentiles = {0.5, 66, 95, 100};
  auto series = aggregate(query);
  ASSERT_THAT(series, SizeIs(1));
  ASSERT_THAT(series[0].rows, SizeIs(1));
  EXPECT_THAT(series[0].rows[0].fields[0].percentiles, ElementsAre(1.0, 66.0, 95.0, 100.0));
  EXPECT_EQ(series[0].rows[0].fields[0].count, 100U);
  query.percentiles = {66};
  query.step = Duration{1'000};
  query.window = Duration{3'000};
  series = aggregate(query);
  ASSERT_THAT(series[0].rows, SizeIs(13));
  // Of 0.1 to 0.9 s, then of 8 to 10.9 s: 1 to 9, and 80 to 100.
  EXPECT_THAT(series[0].rows[0].fields[0].percentiles, ElementsAre(6.0));
  EXPECT_THAT(series[0].rows[10].fields[0].percentiles, ElementsAre(93.0));
}

TEST_P(StoreConformance, AnAggregateOfNothingIsEmptyNotWrong) {
  EXPECT_THAT(aggregate(of({"a"}, 1'000)), IsEmpty());
  write(readings());
  EXPECT_THAT(aggregate(of({}, 1'000)), IsEmpty());
  EXPECT_THAT(aggregate(of({"none"}, 1'000)), IsEmpty());
  auto query = of({"a\"'|.*"}, 1'000);
  EXPECT_THAT(aggregate(query), IsEmpty());
  query.measurement = "x\"; DROP TABLE series; --";
  EXPECT_THAT(aggregate(query), IsEmpty());
  query = of({"a"}, 0);
  query.to = query.from;
  EXPECT_THAT(aggregate(query), IsEmpty());
}

TEST_P(StoreConformance, AnAggregateThatMakesNoSenseSaysWhy) {
  const auto why = [&](AggregateQuery query) {
    const auto answer = run_task(context_, store_->aggregate(std::move(query)));
    if (answer) return std::string{"it was answered"};
    EXPECT_EQ(answer.error().code, Errc::invalid);
    return answer.error().message;
  };
  using testing::HasSubstr;
  EXPECT_THAT(why(of({"a"}, -1)), HasSubstr("at least 1 ms"));
  EXPECT_THAT(why(of({"a"}, 7'000)), HasSubstr("multiple of the step"));
  EXPECT_THAT(why(of({"a"}, 10'000, 15'000)), HasSubstr("multiple of the step"));
  EXPECT_THAT(why(of({"a"}, 10'000, -10'000)), HasSubstr("at least as long"));
  auto query = of({"a"}, 1);
  query.to = at(1'000'000);
  EXPECT_THAT(why(query), HasSubstr("more than 100000 steps"));
  for (const double percent : {0.0, -1.0, 100.5, inf}) {
    query = of({"a"}, 0);
    query.percentiles = {percent};
    EXPECT_THAT(why(query), HasSubstr("percentile"));
  }
}

}  // namespace
}  // namespace plimsoll
