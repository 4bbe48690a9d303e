#include "monitor/batch_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace plimsoll {
namespace {

std::vector<Point> numbered(int count) {
  std::vector<Point> points;
  for (int i = 0; i < count; ++i) {
    points.push_back({"M", {{"host", "h" + std::to_string(i)}}, {{"n", std::int64_t{i}}}, {}});
  }
  return points;
}
int number(const Point& point) {
  return static_cast<int>(std::get<std::int64_t>(point.fields.front().second));
}

/// A store that refuses every batch with one of these in it; what it took.
struct Outcome {
  std::set<int> taken;
  int writes = 0;
};
Outcome write(BatchSplitter& batch, const std::set<int>& bad) {
  Outcome outcome;
  while (!batch.done()) {
    const auto part = batch.next();
    ++outcome.writes;
    const bool fine = std::none_of(part.begin(), part.end(),
                                   [&](const Point& p) { return bad.contains(number(p)); });
    if (fine) {
      for (const auto& point : part) EXPECT_TRUE(outcome.taken.insert(number(point)).second);
      batch.written();
    } else {
      batch.refused("no");
    }
  }
  return outcome;
}

TEST(BatchSplitter, AGoodBatchIsWrittenAtOnce) {
  BatchSplitter batch{numbered(100)};
  const auto outcome = write(batch, {});
  EXPECT_EQ(outcome.writes, 1);
  EXPECT_EQ(outcome.taken.size(), 100U);
  EXPECT_TRUE(batch.any_taken());
}

TEST(BatchSplitter, OnlyTheBadOnesAreLeftOut) {
  for (const std::set<int>& bad :
       {std::set<int>{0}, {4'999}, {2'500}, {0, 4'999}, {7, 8, 9, 3'000}}) {
    BatchSplitter batch{numbered(5'000)};
    const auto outcome = write(batch, bad);
    EXPECT_EQ(batch.bad(), bad.size());
    EXPECT_EQ(outcome.taken.size(), 5'000 - bad.size());
    for (const int n : bad) EXPECT_FALSE(outcome.taken.contains(n));
    EXPECT_LE(outcome.writes, static_cast<int>(bad.size()) * 28);
  }
}

TEST(BatchSplitter, NamesTheFirstBadOne) {
  BatchSplitter batch{numbered(10)};
  write(batch, {6, 8});
  EXPECT_EQ(batch.problem(), "point 7 of 10, M host=h6: no");
}

TEST(BatchSplitter, KnowsThatNothingWasTaken) {
  BatchSplitter batch{numbered(3)};
  write(batch, {0, 1, 2});
  EXPECT_FALSE(batch.any_taken());
  EXPECT_EQ(batch.bad(), 3U);
  EXPECT_TRUE(BatchSplitter{{}}.done());
}

}  // namespace
}  // namespace plimsoll
