#include "decide/scalar.h"

#include <gtest/gtest.h>

#include <random>

namespace plimsoll {
namespace {

Policy with(Scalar scalar) {
  Policy policy;
  policy.scalar = scalar;
  return policy;
}

struct Row {
  const char* name;
  Scalar scalar;
  Utilisation used;
  double scalar_is;
  double level_is;
};

class ScalarTable : public testing::TestWithParam<Row> {};

TEST_P(ScalarTable, Gives) {
  const Policy policy = with(GetParam().scalar);
  EXPECT_NEAR(*scalar_of(GetParam().used, policy), GetParam().scalar_is, 1e-9);
  EXPECT_NEAR(*level_of(GetParam().used, policy), GetParam().level_is, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, ScalarTable,
    testing::Values(Row{"max_is_the_worst", Scalar::max, {40, 85, 45, {}}, 1, 1},
                    Row{"max_over", Scalar::max, {96, 10, 10, {}}, 1.2, 1.2},
                    Row{"max_of_what_is_known", Scalar::max, {{}, 17, {}, {}}, 0.2, 0.2},
                    Row{"sum_adds_percent", Scalar::sum, {96, 80, 55, {}}, 231, 1.54},
                    Row{"sum_at_its_line", Scalar::sum, {50, 50, 50, {}}, 150, 1},
                    Row{"norm_is_euclidean", Scalar::norm, {80, 0, 67.5, {}}, 1.25, 1},
                    Row{"pressure_does_not_count", Scalar::max, {40, 0, 0, 99}, 0.5, 0.5}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Scalar, UnknownIsNotZero) {
  EXPECT_FALSE(scalar_of({}, Policy{}));
  EXPECT_FALSE(level_of({{}, {}, {}, 50}, Policy{}));
}

TEST(Scalar, ExcessIsWhatLiesAboveTheTarget) {
  const Policy policy;
  EXPECT_EQ(excess({72, 10, 10, {}}, policy), 0);
  EXPECT_NEAR(excess({80, 10, 10, {}}, policy), 0.1, 1e-9);
  EXPECT_NEAR(excess({80, 85, 10, {}}, policy), 0.2, 1e-9);
  EXPECT_NEAR(excess({80, 40, 30, {}}, with(Scalar::sum)), 0.1, 1e-9);
}

TEST(Scalar, ReliefCountsOnlyWhatIsInExcess) {
  const Policy policy;
  EXPECT_NEAR(relief({96, 40, 40, {}}, {16, 20, 40, {}}, policy), 1, 1e-9);
  EXPECT_EQ(relief({50, 40, 40, {}}, {10, 20, 40, {}}, policy), 0);
  EXPECT_NEAR(relief({100, 60, 40, {}}, {70, 30, 40, {}}, with(Scalar::sum)), 0.4, 1e-9);
}

TEST(Scalar, ReliefOfOneResourceIsSeenWhileAnotherIsWorse) {
  EXPECT_GT(relief({90, 99, 10, {}}, {60, 99, 10, {}}, Policy{}), 0.3);
}

TEST(Scalar, IsDescribedForPeople) {
  EXPECT_EQ(describe_load({96, 10, 10, {}}, Policy{}), "96.0 % CPU, line 80");
  EXPECT_EQ(describe_load({10, 99, 10, {}}, Policy{}), "99.0 % memory, line 85");
  EXPECT_EQ(describe_load({96, 80, {}, {}}, with(Scalar::sum)),
            "sum 176.0 (CPU 96.0 %, memory 80.0 %), line 150");
  EXPECT_EQ(describe_level({}, {80, 0, 0, {}}, with(Scalar::norm)), "norm 1.00");
  EXPECT_EQ(describe_level({96, 40, 40, {}}, {12, 40, 40, {}}, Policy{}), "12.0 % CPU")
      << "storage is the worst now, but CPU is what it was about";
}

/// 10,000 pairs a scalar, in which one host has at least as much of everything.
TEST(Scalar, MoreLoadNeverGivesLess) {
  std::mt19937_64 random{20260314};
  const auto percent = [&] { return static_cast<double>(random() % 10000) / 100; };
  for (const Scalar scalar : {Scalar::max, Scalar::sum, Scalar::norm}) {
    const Policy policy = with(scalar);
    for (int i = 0; i < 10000; ++i) {
      const Utilisation less{percent(), percent(), percent(), {}};
      const Utilisation more{*less.cpu + percent(),
                             *less.memory + percent() * (i % 2),
                             *less.storage + percent() * (i % 3),
                             {}};
      ASSERT_GE(*scalar_of(more, policy), *scalar_of(less, policy));
      ASSERT_GE(excess(more, policy), excess(less, policy));
    }
  }
}

}  // namespace
}  // namespace plimsoll
