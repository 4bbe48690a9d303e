#include "decide/smooth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::seconds;

constexpr SampleSpan span{seconds{5}, seconds{15}};

Sample at(int second, std::optional<double> cpu) {
  return {builder_now + seconds{second}, {cpu, {}, {}, {}}};
}

Stretch all(const std::vector<Sample>& samples) { return {samples, nullptr}; }

TEST(Smooth, MeanOfEvenSamplesIsPlain) {
  const std::vector<Sample> samples{at(0, 10), at(5, 20), at(10, 60)};
  EXPECT_DOUBLE_EQ(*mean_of(all(samples), span).cpu, 30);
}

TEST(Smooth, ASampleCountsForTheTimeItStandsFor) {
  const std::vector<Sample> samples{at(0, 0), at(5, 0), at(15, 60)};
  EXPECT_DOUBLE_EQ(*mean_of(all(samples), span).cpu, 60 * 10.0 / 20);
}

TEST(Smooth, TheFirstSampleAfterAGapDoesNotSpeakForTheGap) {
  const std::vector<Sample> samples{at(0, 0), at(5, 0), at(10, 0), at(600, 100)};
  EXPECT_DOUBLE_EQ(*mean_of(all(samples), span).cpu, 50);
}

TEST(Smooth, WhatNobodyMeasuredStaysUnknown) {
  const std::vector<Sample> samples{at(0, 10), at(5, std::nullopt)};
  const Utilisation mean = mean_of(all(samples), span);
  EXPECT_DOUBLE_EQ(*mean.cpu, 10);
  EXPECT_FALSE(mean.memory);
  EXPECT_FALSE(mean_of({}, span).cpu);
}

TEST(Smooth, NonsenseIsLeftOut) {
  const std::vector<Sample> samples{at(0, std::nan("")), at(5, 40), at(10, -40),
                                    at(15, std::numeric_limits<double>::infinity())};
  EXPECT_DOUBLE_EQ(*mean_of(all(samples), span).cpu, 20);
  EXPECT_DOUBLE_EQ(*percentile_of(all(samples), span, 100).cpu, 40);
}

TEST(Smooth, SamplesOfOneMomentDoNotDivideByZero) {
  const std::vector<Sample> samples{at(0, 10), at(0, 10)};
  EXPECT_DOUBLE_EQ(*mean_of(all(samples), span).cpu, 10);
}

TEST(Smooth, PercentileDoesNotSeeAShortSpike) {
  const std::vector<Sample> samples{at(0, 20), at(5, 100), at(10, 20), at(15, 20)};
  EXPECT_DOUBLE_EQ(*percentile_of(all(samples), span, 66).cpu, 20);
  EXPECT_DOUBLE_EQ(*percentile_of(all(samples), span, 100).cpu, 100);
  EXPECT_DOUBLE_EQ(*percentile_of(all(samples), span, 0).cpu, 20);
  EXPECT_FALSE(percentile_of({}, span, 66).cpu);
}

TEST(Smooth, AStretchIsOpenBelowAndClosedAbove) {
  const std::vector<Sample> samples{at(0, 1), at(5, 2), at(10, 3), at(15, 4)};
  const Stretch window = stretch(samples, builder_now, builder_now + seconds{10});
  ASSERT_EQ(window.samples.size(), 2U);
  EXPECT_EQ(window.samples[0], samples[1]);
  EXPECT_EQ(window.before, &samples[0]);
  EXPECT_EQ(stretch(samples, builder_now - seconds{9}, builder_now).before, nullptr);
  EXPECT_TRUE(stretch({}, builder_now, builder_now).samples.empty());
}

TEST(Smooth, HigherOfKnowsWhatEitherKnows) {
  const Utilisation higher = higher_of({10, 50, {}, {}}, {20, 40, 30, {}});
  EXPECT_EQ(higher, (Utilisation{20, 50, 30, {}}));
}

}  // namespace
}  // namespace plimsoll
