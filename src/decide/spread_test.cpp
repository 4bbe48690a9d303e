#include "decide/spread.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace plimsoll {
namespace {

std::vector<ContainerSample> samples(const std::vector<double>& cores) {
  std::vector<ContainerSample> result;
  TimePoint time;
  for (const double each : cores) {
    result.push_back({time += std::chrono::minutes{5}, each, Bytes{}});
  }
  return result;
}

Outlook outlook(const std::vector<double>& cores) {
  const std::vector<Spread> spreads{spread_of(samples(cores))};
  return outlooks_of(spreads)[0];
}

std::vector<double> steady(std::size_t count, double cores) {
  return std::vector<double>(count, cores);
}

TEST(Spread, NoSamplesSayNothing) {
  const Spread spread = spread_of({});
  EXPECT_EQ(spread.samples, 0U);
  EXPECT_EQ(spread.mean, 0);
  EXPECT_TRUE(outlooks_of({}).empty());
}

TEST(Spread, ASteadyUseHasNone) {
  for (const std::size_t count : {1U, 2U, 3U, 35U, 36U, 100U}) {
    const Outlook seen = outlook(steady(count, 0.7));
    EXPECT_NEAR(seen.mean, 0.7, 1e-12) << count;
    EXPECT_NEAR(seen.variance, 0, 1e-12) << count;
  }
}

TEST(Spread, OnlyTheNewestCount) {
  std::vector<double> cores = steady(50, 3.0);
  cores.insert(cores.end(), spread_samples, 1.0);
  EXPECT_NEAR(outlook(cores).mean, 1.0, 1e-12);
}

TEST(Spread, OneSampleFarAboveAllOthersIsNoEvidence) {
  for (const std::size_t at : {0U, 7U, 19U}) {
    std::vector<double> cores = steady(20, 0.5);
    cores[at] = 40;
    const Outlook seen = outlook(cores);
    EXPECT_NEAR(seen.mean, 0.5, 1e-6) << at;
    EXPECT_NEAR(seen.variance, 0, 1e-6) << at;
  }
}

TEST(Spread, TheSecondTimeItCounts) {
  std::vector<double> cores = steady(20, 0.5);
  cores[4] = cores[19] = 40;
  EXPECT_GT(outlook(cores).mean, 4);
  EXPECT_GT(outlook(cores).variance, 100);
}

TEST(Spread, WhatOthersReachIsNotCut) {
  std::vector<double> cores;
  for (int i = 0; i < 20; ++i) cores.push_back(i % 2 == 0 ? 1 : 3);
  cores.push_back(5);
  EXPECT_NEAR(spread_of(samples(cores)).mean, (20 * 2.0 + 5) / 21, 1e-9);
}

TEST(Spread, WhatFallsIsNoRisk) {
  std::vector<double> dips = steady(30, 2.0);
  std::vector<double> peaks = steady(30, 0.0);
  for (std::size_t i = 0; i < 30; i += 10) dips[i] = 0, peaks[i] = 2;
  EXPECT_LT(outlook(dips).variance, outlook(peaks).variance / 5);
}

TEST(Spread, AFollowedTrendMovesTheMean) {
  std::vector<double> rising;
  std::vector<double> falling;
  for (int i = 0; i < 36; ++i) rising.push_back(0.1 * i), falling.push_back(3.5 - 0.1 * i);
  EXPECT_GT(outlook(rising).mean, 2.5);
  EXPECT_LT(outlook(falling).mean, 1.0);
  EXPECT_LT(outlook(rising).variance, spread_of(samples(rising)).squares / 35);
}

TEST(Spread, FewSamplesLeanOnTheFleet) {
  std::mt19937_64 random{7};
  std::vector<Spread> spreads;
  for (int i = 0; i < 50; ++i) {
    std::vector<double> cores;
    for (int k = 0; k < 36; ++k) cores.push_back(static_cast<double>(random() % 100) / 50);
    spreads.push_back(spread_of(samples(cores)));
  }
  spreads.push_back(spread_of(samples({1.0})));
  spreads.push_back(spread_of(samples(steady(36, 1.0))));
  const auto outlooks = outlooks_of(spreads);
  EXPECT_NEAR(outlooks[50].variance, outlooks[0].variance, outlooks[0].variance / 2);
  EXPECT_LT(outlooks[51].variance, outlooks[50].variance / 5);
}

TEST(Spread, WhatIsNoNumberCountsAsNothing) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const Spread spread = spread_of(samples({none, infinite, -3, 0, 0}));
  EXPECT_EQ(spread.mean, 0);
  EXPECT_EQ(spread.deviations, 0);
}

TEST(OverloadRisk, RisesWithMeanAndWithSpreadBelowTheCapacity) {
  double before = 0;
  for (double mean = 0; mean < 8; mean += 0.25) {
    const double risk = overload_risk({mean, 0.3}, 4, 80);
    EXPECT_GT(risk, before);
    before = risk;
  }
  EXPECT_GT(overload_chance({3, 0.5}, 4), overload_chance({3, 0.1}, 4));
  EXPECT_NEAR(overload_chance({4, 0.5}, 4), 0.5, 1e-12);
}

TEST(OverloadRisk, ACalmHostHasNoneUpToItsLine) {
  EXPECT_LT(overload_risk({3.2, 0}, 4, 80), 1e-9);
  EXPECT_NEAR(overload_risk({3.6, 0}, 4, 80), 0.02, 1e-4);
}

TEST(OverloadRisk, WithoutCapacityThereIsNone) {
  EXPECT_EQ(overload_risk({1, 1}, 0, 80), 0);
  EXPECT_EQ(overload_chance({1, 1}, std::numeric_limits<double>::quiet_NaN()), 0);
}

TEST(ShiftedLevel, WantsSeveralValuesFarAboveAllBefore) {
  std::vector<double> values{3.2, 3.1, 3.3, 3.1, 3.2};
  for (int i = 0; i < 20; ++i) values.push_back(i % 2 == 0 ? 1.9 : 2.1);
  EXPECT_DOUBLE_EQ(shifted_level(values), 3.1);
  values[3] = 2;
  EXPECT_DOUBLE_EQ(shifted_level(values), 0) << "one of the newest is as ever";
  EXPECT_DOUBLE_EQ(shifted_level(std::vector<double>{3, 3, 3, 3, 3, 1, 1}), 0) << "too few before";
}

TEST(SteadilyOver, LeavesRoomForWhatAHostVariesBy) {
  EXPECT_TRUE(steadily_over({.expected = {3.4, 0.001}}, 4, 80));
  EXPECT_FALSE(steadily_over({.expected = {3.4, 0.01}}, 4, 80)) << "3.4 less 0.5 is below 3.2";
  EXPECT_TRUE(steadily_over({.expected = {3.4, 0.01}, .shifted_to = 3.3}, 4, 80));
  EXPECT_FALSE(steadily_over({.expected = {3.2, 0}}, 4, 80)) << "on its line is not over it";
  EXPECT_FALSE(steadily_over({.expected = {3.4, 0}}, 0, 80));
}

TEST(Outlook, NeverFallsBelowNothing) {
  const Outlook less = Outlook{1, 0.1} - Outlook{2, 0.5};
  EXPECT_EQ(less.mean, 0);
  EXPECT_EQ(less.variance, 0);
}

TEST(Spread, AHeightIsNewUntilItHasPassedOnce) {
  using Peaks = std::vector<double>;
  EXPECT_FALSE(is_new_height(3, Peaks{1, 1})) << "nobody knows yet";
  EXPECT_TRUE(is_new_height(3, Peaks{1, 1, 1}));
  EXPECT_TRUE(is_new_height(3, Peaks{1, 1, 2.9, 3})) << "the rise itself";
  EXPECT_FALSE(is_new_height(3, Peaks{1, 2.9, 1, 1}));
  EXPECT_FALSE(is_new_height(3, Peaks{2.9, 1, 3})) << "it has passed before";
  EXPECT_FALSE(is_new_height(3, Peaks{3, 3, 3, 3})) << "each window has it: no rise";
  EXPECT_TRUE(is_new_height(3, Peaks{3, 3, 3}));
}

}  // namespace
}  // namespace plimsoll
