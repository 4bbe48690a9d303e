#include "decide/detect.h"

#include <gtest/gtest.h>

#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::seconds;

/// A window of one sample, so that each evaluation sees exactly one.
Policy sharp() {
  Policy policy;
  policy.window = seconds{5};
  return policy;
}

struct Row {
  const char* name;
  std::vector<double> newest;
  int over;
  bool enough;
};

class HoldTable : public testing::TestWithParam<Row> {};

TEST_P(HoldTable, KOfN) {
  const HostState host = HostBuilder("h1").newest_cpu(GetParam().newest);
  const Held held = held_over_line(host, sharp(), builder_now, {});
  EXPECT_EQ(held.looks, 5);
  EXPECT_EQ(held.over, GetParam().over);
  EXPECT_EQ(held.enough, GetParam().enough);
}

INSTANTIATE_TEST_SUITE_P(
    Histories, HoldTable,
    testing::Values(Row{"calm", {20, 20, 20, 20, 20}, 0, false},
                    Row{"at_the_line_is_not_over", {80, 80, 80, 80, 80}, 0, false},
                    Row{"spike_of_one", {20, 20, 20, 20, 100}, 1, false},
                    Row{"two_of_five", {20, 20, 20, 90, 90}, 2, false},
                    Row{"three_of_five", {20, 20, 90, 90, 90}, 3, true},
                    Row{"three_with_holes", {90, 20, 90, 20, 90}, 3, true},
                    Row{"four_but_over_no_more", {90, 90, 90, 90, 20}, 4, false},
                    Row{"older_ones_are_forgotten", {90, 90, 90, 20, 20, 20, 90, 90}, 2, false},
                    Row{"all", {90, 90, 90, 90, 90}, 5, true}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Detect, AverageHidesASpikeShorterThanTheWindow) {
  const HostState host = HostBuilder("h1").newest_cpu({100, 100, 100});
  EXPECT_EQ(held_over_line(host, Policy{}, builder_now, {}).over, 0);
}

struct Rise {
  const char* name;
  std::vector<double> newest;
  bool sudden;
};

class RiseTable : public testing::TestWithParam<Rise> {};

TEST_P(RiseTable, IsHeldByTheNewestSamples) {
  const HostState host = HostBuilder("h1").newest_cpu(GetParam().newest);
  EXPECT_EQ(rises_suddenly(host, Policy{}, builder_now + seconds{3}, {}), GetParam().sudden);
}

INSTANTIATE_TEST_SUITE_P(Samples, RiseTable,
                         testing::Values(Rise{"calm", {}, false}, Rise{"two", {95, 95}, false},
                                         Rise{"three", {95, 95, 95}, true},
                                         Rise{"with_a_hole", {95, 20, 95, 95}, true},
                                         Rise{"three_of_six", {95, 20, 20, 95, 20, 95}, false},
                                         Rise{"over_already", {95, 95, 95, 20}, false},
                                         Rise{"at_the_line", {80, 80, 80, 80, 80}, false}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Detect, WhatAMoveDisturbsIsNoRise) {
  const HostState host = HostBuilder("h1").newest_cpu({95, 95, 95, 95, 95});
  const QuietTime after{.after = builder_now - seconds{10}, .before = TimePoint::max()};
  EXPECT_FALSE(rises_suddenly(host, Policy{}, builder_now, after));
  const QuietTime before{.after = TimePoint::min(), .before = builder_now - seconds{5}};
  EXPECT_FALSE(rises_suddenly(host, Policy{}, builder_now, before));
  EXPECT_FALSE(rises_suddenly(host, Policy{}, builder_now + std::chrono::minutes{1}, {}));
}

TEST(Detect, AFreshHostIsJudgedOnceHalfTheWindowIsKnown) {
  const auto held = [](std::ptrdiff_t samples) {
    HostState host = HostBuilder("h1").load(96);
    host.samples.erase(host.samples.begin(), host.samples.end() - samples);
    return held_over_line(host, Policy{}, builder_now, {});
  };
  EXPECT_EQ(held(5).looks, 0);
  EXPECT_EQ(held(6).looks, 1);
  EXPECT_FALSE(held(7).enough);
  EXPECT_TRUE(held(8).enough);
}

TEST(Detect, AFreshHostIsShownFromItsFirstSample) {
  HostState host = HostBuilder("h1").load(96);
  host.samples.erase(host.samples.begin(), host.samples.end() - 1);
  const HostAssessment seen = assess_host(host, Policy{}, builder_now, {});
  EXPECT_DOUBLE_EQ(seen.used.cpu.value(), 96);
  EXPECT_TRUE(seen.over_line);
  EXPECT_FALSE(seen.hot);
}

TEST(Detect, AGapInTheHistoryIsNeitherOverNorUnder) {
  HostState host = HostBuilder("h1").load(96);
  host.samples.erase(host.samples.end() - 30, host.samples.end() - 2);
  const Held held = held_over_line(host, sharp(), builder_now, {});
  EXPECT_EQ(held.looks, 2);
  EXPECT_FALSE(held.enough);
}

TEST(Detect, SamplesOfTheFutureAreNotLookedAt) {
  HostState host = HostBuilder("h1");
  host.samples.push_back({builder_now + seconds{1}, {100, 100, 100, {}}});
  EXPECT_DOUBLE_EQ(*smoothed(host, sharp(), builder_now, {}).cpu, 20);
}

struct Age {
  const char* name;
  seconds ago;
  bool stale;
};

class StaleTable : public testing::TestWithParam<Age> {};

TEST_P(StaleTable, AfterThreeIntervals) {
  HostState host = HostBuilder("h1").load(96);
  host.last_seen = builder_now - GetParam().ago;
  EXPECT_EQ(is_stale(host, Policy{}, builder_now), GetParam().stale);
  EXPECT_EQ(assess_host(host, Policy{}, builder_now, {}).hot, !GetParam().stale);
}

INSTANTIATE_TEST_SUITE_P(Ages, StaleTable,
                         testing::Values(Age{"now", seconds{0}, false},
                                         Age{"at_the_limit", seconds{15}, false},
                                         Age{"past_the_limit", seconds{16}, true},
                                         Age{"slightly_ahead", seconds{-3}, false},
                                         Age{"far_in_the_future", seconds{-3600}, true}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Detect, AHostThatDoesNotAnswerIsStaleHoweverFresh) {
  EXPECT_TRUE(is_stale(HostBuilder("h1").silent(), Policy{}, builder_now));
  HostState never = HostBuilder("h1");
  never.last_seen.reset();
  EXPECT_TRUE(is_stale(never, Policy{}, builder_now));
}

TEST(Detect, AssessmentHasTheFiguresForThePage) {
  const HostAssessment seen =
      assess_host(HostBuilder("h1").load(96, 51, 45), Policy{}, builder_now, {});
  EXPECT_TRUE(seen.up);
  EXPECT_FALSE(seen.stale);
  EXPECT_EQ(seen.age, Duration{0});
  EXPECT_DOUBLE_EQ(*seen.used.cpu, 96);
  EXPECT_DOUBLE_EQ(*seen.high.memory, 51);
  EXPECT_DOUBLE_EQ(*seen.scalar, 1.2);
  EXPECT_DOUBLE_EQ(*seen.level, 1.2);
  EXPECT_TRUE(seen.over_line);
  EXPECT_EQ(seen.held, 5);
  EXPECT_TRUE(seen.hot);
}

TEST(Detect, UnknownIsShownAsUnknown) {
  HostState host = HostBuilder("h1");
  host.samples.clear();
  const HostAssessment seen = assess_host(host, Policy{}, builder_now, {});
  EXPECT_FALSE(seen.scalar);
  EXPECT_FALSE(seen.level);
  EXPECT_FALSE(seen.over_line);
  EXPECT_EQ(seen.looks, 0);
}

TEST(Detect, WhatAMoveDisturbedDoesNotCount) {
  const HostState host = HostBuilder("h1").load(96);
  const QuietTime since_a_move{.after = builder_now - seconds{7}, .before = TimePoint::max()};
  EXPECT_EQ(held_over_line(host, sharp(), builder_now, since_a_move).looks, 2);
  const QuietTime until_a_move{.after = TimePoint::min(), .before = builder_now - seconds{60}};
  EXPECT_EQ(held_over_line(host, sharp(), builder_now, until_a_move).looks, 0);
  EXPECT_TRUE(assess_host(host, sharp(), builder_now, until_a_move).over_line);
}

TEST(Detect, PercentileSmoothingSeesWhatIsThereMostOfTheTime) {
  Policy policy;
  policy.smoothing = Smoothing::percentile;
  const HostState host =
      HostBuilder("h1").newest_cpu({10, 10, 10, 10, 95, 95, 95, 95, 95, 95, 95, 95});
  EXPECT_DOUBLE_EQ(*smoothed(host, policy, builder_now, {}).cpu, 95);
}

/// 20 and 40 by turns: a median absolute deviation of 10, an interquartile range of 20.
HostState swinging(double newest) {
  HostBuilder host{"h1"};
  std::vector<double> cpu;
  for (int i = 0; i < 60; ++i) cpu.push_back(i % 2 == 0 ? 20 : 40);
  cpu.push_back(newest);
  return host.newest_cpu(cpu);
}

Policy with(Detector detector) {
  Policy policy;
  policy.detector = detector;
  return policy;
}

TEST(Detect, AdaptiveLinesJudgeTheNewestSample) {
  const auto seen = [](Detector detector, double newest) {
    return assess_host(swinging(newest), with(detector), builder_now, {});
  };
  EXPECT_NEAR(seen(Detector::mad, 70).adaptive.value(), 75, 1e-9);
  EXPECT_FALSE(seen(Detector::mad, 70).hot);
  EXPECT_TRUE(seen(Detector::mad, 76).hot);
  EXPECT_NEAR(seen(Detector::iqr, 65).adaptive.value(), 70, 1e-9);
  EXPECT_FALSE(seen(Detector::iqr, 65).hot);
  EXPECT_TRUE(seen(Detector::iqr, 71).hot);
}

TEST(Detect, AdaptiveLinesFallBackOnTheFixedOne) {
  HostState host = HostBuilder("h1").load(81);
  host.samples.erase(host.samples.begin(), host.samples.end() - 5);
  EXPECT_EQ(assess_host(host, with(Detector::mad), builder_now, {}).adaptive, 80);
  EXPECT_TRUE(assess_host(host, with(Detector::mad), builder_now, {}).hot);
  EXPECT_TRUE(assess_host(host, with(Detector::local_regression), builder_now, {}).hot);
}

TEST(Detect, LocalRegressionSeesARise) {
  std::vector<double> cpu;
  for (int i = 0; i < 10; ++i) cpu.push_back(40 + 5 * i);
  const HostState rising = HostBuilder("h1").newest_cpu(cpu);
  const HostState steady = HostBuilder("h1").load(75);
  EXPECT_TRUE(assess_host(rising, with(Detector::local_regression), builder_now, {}).hot);
  EXPECT_FALSE(assess_host(steady, with(Detector::local_regression), builder_now, {}).hot);
}

HostState climbing(double noise) {
  std::vector<double> cpu;
  for (int i = 0; i < 121; ++i) cpu.push_back(15 + 0.5 * i + (i % 2 == 0 ? noise : -noise));
  return HostBuilder("h1").newest_cpu(cpu);
}

TEST(Detect, AForecastTriggersEarlyUnlessItHasBeenWrong) {
  Policy policy = with(Detector::threshold);
  policy.line.cpu = 77;
  EXPECT_FALSE(assess_host(climbing(0), policy, builder_now, {}).hot);
  policy.forecast = true;
  const HostAssessment seen = assess_host(climbing(0), policy, builder_now, {});
  EXPECT_TRUE(seen.hot);
  EXPECT_FALSE(seen.over_line);
  EXPECT_GT(seen.expected.value().expected, 77);
  EXPECT_FALSE(assess_host(climbing(30), policy, builder_now, {}).hot);
}

TEST(Detect, PressureIsJudgedWhereItHasALine) {
  HostState host = HostBuilder("h1").load(60);
  for (Sample& sample : host.samples) sample.used.pressure = 50;
  Policy policy = with(Detector::threshold);
  EXPECT_FALSE(assess_host(host, policy, builder_now, {}).hot);
  policy.line.pressure = 20;
  const HostAssessment seen = assess_host(host, policy, builder_now, {});
  EXPECT_TRUE(seen.hot);
  EXPECT_DOUBLE_EQ(seen.level.value(), 2.5);
}

}  // namespace
}  // namespace plimsoll
