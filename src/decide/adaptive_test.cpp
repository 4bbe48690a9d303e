#include "decide/adaptive.h"

#include <gtest/gtest.h>

#include <vector>

namespace plimsoll {
namespace {

/// 1 to 13: median 7, median absolute deviation 3, quartiles 4 and 10.
std::vector<double> one_to_thirteen() {
  std::vector<double> values;
  for (int i = 13; i >= 1; --i) values.push_back(i);
  return values;
}

TEST(AdaptiveLine, FollowsTheVariation) {
  EXPECT_DOUBLE_EQ(adaptive_line(one_to_thirteen(), Detector::mad).value(), 100 - 2.5 * 3);
  EXPECT_DOUBLE_EQ(adaptive_line(one_to_thirteen(), Detector::iqr).value(), 100 - 1.5 * 6);
}

TEST(AdaptiveLine, ASteadyHostMayBeFull) {
  const std::vector<double> values(20, 60.0);
  EXPECT_EQ(adaptive_line(values, Detector::mad), 100);
  EXPECT_EQ(adaptive_line(values, Detector::iqr), 100);
}

TEST(AdaptiveLine, AWildHostMayNotBeUsedAtAll) {
  std::vector<double> values;
  for (int i = 0; i < 20; ++i) values.push_back(i % 2 == 0 ? 0 : 100);
  EXPECT_EQ(adaptive_line(values, Detector::iqr), 0);
}

TEST(AdaptiveLine, NeedsValuesAndTheRightDetector) {
  EXPECT_FALSE(adaptive_line(std::vector<double>(11, 50.0), Detector::mad));
  EXPECT_FALSE(adaptive_line(std::vector<double>(20, 50.0), Detector::threshold));
  EXPECT_FALSE(adaptive_line({}, Detector::iqr));
}

TEST(RegressionForecast, ContinuesALine) {
  std::vector<double> values{500, 400};  // older than the ten that count
  for (int i = 0; i < 10; ++i) values.push_back(40 + 3 * i);
  EXPECT_NEAR(regression_forecast(values).value(), 1.2 * 70, 1e-9);
}

TEST(RegressionForecast, SteadyStaysAndFewSayNothing) {
  EXPECT_NEAR(regression_forecast(std::vector<double>(10, 50.0)).value(), 60, 1e-9);
  EXPECT_FALSE(regression_forecast(std::vector<double>(9, 50.0)));
}

TEST(RegressionForecast, TheNewestWeighsMost) {
  std::vector<double> late(10, 50.0);
  std::vector<double> early = late;
  late.back() = 80;
  early.front() = 80;
  EXPECT_GT(regression_forecast(late).value(), 1.2 * 60);
  EXPECT_NEAR(regression_forecast(early).value(), 1.2 * 50, 2);
}

}  // namespace
}  // namespace plimsoll
