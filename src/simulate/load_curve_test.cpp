#include "simulate/load_curve.h"

#include <gtest/gtest.h>

#include <chrono>

namespace plimsoll {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct Point {
  Duration time;
  double value;
};

struct CurveRow {
  const char* name;
  CurvePart part;
  std::vector<Point> points;
};

class Curve : public testing::TestWithParam<CurveRow> {};

TEST_P(Curve, IsWhatItsTableSays) {
  const LoadCurve curve{{GetParam().part}};
  for (const Point& point : GetParam().points) {
    EXPECT_NEAR(curve.at(point.time, 1), point.value, 1e-9) << point.time.count() << " ms";
  }
}

const CurveRow curve_rows[] = {
    {"Constant", {.amount = 2}, {{minutes{-5}, 2}, {seconds{0}, 2}, {minutes{90}, 2}}},
    {"StepStaysForEver",
     {.shape = CurveShape::step, .amount = 2, .at = minutes{5}},
     {{minutes{-5}, 0}, {seconds{299}, 0}, {minutes{5}, 2}, {minutes{600}, 2}}},
    {"StepEnds",
     {.shape = CurveShape::step, .amount = 2, .at = minutes{5}, .lasts = seconds{20}},
     {{seconds{300}, 2}, {seconds{319}, 2}, {seconds{320}, 0}}},
    {"SpikesComeBack",
     {.shape = CurveShape::step,
      .amount = 3,
      .at = minutes{1},
      .lasts = seconds{10},
      .every = minutes{2}},
     {{minutes{-1}, 0}, {seconds{65}, 3}, {seconds{70}, 0}, {seconds{185}, 3}, {seconds{190}, 0}}},
    {"Ramp",
     {.shape = CurveShape::ramp, .amount = 4, .at = minutes{10}, .lasts = minutes{20}},
     {{minutes{10}, 0}, {minutes{15}, 1}, {minutes{30}, 4}, {minutes{300}, 4}}},
    {"Sine",
     {.shape = CurveShape::sine, .amount = 2, .every = minutes{60}},
     {{minutes{0}, 0}, {minutes{15}, 1}, {minutes{30}, 2}, {minutes{60}, 0}}},
    {"FlashCrowd",
     {.shape = CurveShape::flash,
      .amount = 8,
      .at = minutes{1},
      .rise = seconds{40},
      .halves = minutes{5}},
     {{seconds{60}, 0}, {seconds{80}, 4}, {seconds{100}, 8}, {seconds{400}, 4}, {seconds{700}, 2}}},
    {"Recorded",
     {.shape = CurveShape::recorded, .amount = 0.5, .every = minutes{5}, .values = {1, 4, 2}},
     {{minutes{0}, 0.5}, {seconds{299}, 0.5}, {minutes{5}, 2}, {minutes{12}, 1}, {minutes{99}, 1}}},
    {"RecordedNothing", {.shape = CurveShape::recorded, .amount = 1}, {{minutes{3}, 0}}},
};
INSTANTIATE_TEST_SUITE_P(Shapes, Curve, testing::ValuesIn(curve_rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(LoadCurve, IsTheSumOfItsPartsAndNeverNegative) {
  const CurvePart base{.amount = 1};
  const CurvePart rest{
      .shape = CurveShape::step, .amount = -3, .at = minutes{1}, .lasts = minutes{1}};
  const LoadCurve curve{{base, base, rest}};
  EXPECT_DOUBLE_EQ(curve.at(seconds{0}, 1), 2);
  EXPECT_DOUBLE_EQ(curve.at(seconds{60}, 1), 0);
  EXPECT_DOUBLE_EQ(LoadCurve{}.at(seconds{0}, 1), 0);
}

TEST(LoadCurve, NoiseHasItsMeanAndSpread) {
  const LoadCurve curve{{{.amount = 10}, {.shape = CurveShape::noise, .amount = 2}}};
  double sum = 0;
  double squares = 0;
  constexpr int looks = 20'000;
  for (int i = 0; i < looks; ++i) {
    const double value = curve.at(seconds{i}, 7);
    sum += value;
    squares += (value - 10) * (value - 10);
  }
  EXPECT_NEAR(sum / looks, 10, 0.1);
  EXPECT_NEAR(squares / looks, 4, 0.2);
}

TEST(LoadCurve, NoiseDependsOnTheSeedAloneNotOnTheOrderOfLooks) {
  const LoadCurve curve{{{.amount = 10}, {.shape = CurveShape::noise, .amount = 2}}};
  const double later = curve.at(seconds{50}, 7);
  EXPECT_NE(curve.at(seconds{45}, 7), later);
  EXPECT_DOUBLE_EQ(curve.at(seconds{50}, 7), later);
  EXPECT_NE(curve.at(seconds{50}, 8), later);
}

TEST(LoadCurve, NoiseHoldsForItsTime) {
  const LoadCurve curve{
      {{.amount = 10}, {.shape = CurveShape::noise, .amount = 2, .every = minutes{1}}}};
  EXPECT_DOUBLE_EQ(curve.at(seconds{61}, 7), curve.at(seconds{119}, 7));
  EXPECT_NE(curve.at(seconds{61}, 7), curve.at(seconds{121}, 7));
}

TEST(LoadCurve, TwoNoisesOfOneLoadAreNotTheSame) {
  const CurvePart noise{.shape = CurveShape::noise, .amount = 1};
  const CurvePart less{.shape = CurveShape::noise, .amount = -1};
  const LoadCurve curve{{{.amount = 10}, noise, less}};
  EXPECT_NE(curve.at(seconds{5}, 7), 10);
}

}  // namespace
}  // namespace plimsoll
