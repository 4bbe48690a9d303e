#include "monitor/point_queue.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

std::vector<Point> numbered(int first, int last) {
  std::vector<Point> points;
  for (int i = first; i <= last; ++i) {
    points.push_back({"M", {}, {{"n", std::int64_t{i}}}, TimePoint{Duration{i}}});
  }
  return points;
}

TEST(PointQueue, GivesTheOldestFirst) {
  PointQueue queue{10};
  queue.push(numbered(1, 5));
  EXPECT_EQ(queue.take(2), numbered(1, 2));
  EXPECT_EQ(queue.take(100), numbered(3, 5));
  EXPECT_TRUE(queue.empty());
}

TEST(PointQueue, DropsTheOldestAndCounts) {
  PointQueue queue{3};
  queue.push(numbered(1, 5));
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(queue.dropped(), 2U);
  EXPECT_EQ(queue.take(3), numbered(3, 5));
}

TEST(PointQueue, AnEmptyOneGivesNothing) {
  PointQueue queue{3};
  EXPECT_TRUE(queue.take(5).empty());
}

}  // namespace
}  // namespace plimsoll
