#include "decide/forecast.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace plimsoll {
namespace {

std::vector<double> ramp(int count, double from, double rise, double noise) {
  std::mt19937_64 random{3};
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    const double off = (static_cast<double>(random() % 2001) / 1000 - 1) * noise;
    values.push_back(from + rise * i + off);
  }
  return values;
}

TEST(ForecastOf, SteadyStaysWithoutError) {
  const auto forecast = forecast_of(std::vector<double>(40, 55.0), 12);
  ASSERT_TRUE(forecast);
  EXPECT_NEAR(forecast->expected, 55, 1e-9);
  EXPECT_NEAR(forecast->error, 0, 1e-9);
}

TEST(ForecastOf, ARampIsContinued) {
  const auto forecast = forecast_of(ramp(120, 20, 0.3, 0), 12);
  ASSERT_TRUE(forecast);
  EXPECT_NEAR(forecast->expected, 20 + 0.3 * (119 + 12), 1);
  EXPECT_LT(forecast->error, 1);
}

TEST(ForecastOf, NoiseIsSeenInTheError) {
  const auto calm = forecast_of(ramp(120, 40, 0, 1), 12);
  const auto wild = forecast_of(ramp(120, 40, 0, 20), 12);
  ASSERT_TRUE(calm && wild);
  EXPECT_GT(wild->error, 5 * calm->error);
  EXPECT_GT(wild->error, 5);
}

TEST(ForecastOf, AJumpMakesItsOwnError) {
  std::vector<double> values(40, 20.0);
  values.insert(values.end(), 3, 90.0);
  const auto forecast = forecast_of(values, 12);
  ASSERT_TRUE(forecast);
  EXPECT_GT(forecast->error, 20);
}

TEST(ForecastOf, NeedsOneForecastThatCanBeChecked) {
  EXPECT_FALSE(forecast_of(std::vector<double>(13, 1.0), 12));
  EXPECT_TRUE(forecast_of(std::vector<double>(14, 1.0), 12));
  EXPECT_FALSE(forecast_of({}, 0));
}

}  // namespace
}  // namespace plimsoll
