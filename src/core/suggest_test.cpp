#include "core/suggest.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

const std::vector<std::string> commands{"agent", "monitor", "top", "check", "replay"};

TEST(Suggest, FindsTheNearest) {
  EXPECT_EQ(closest("moniter", commands), "monitor");
  EXPECT_EQ(closest("Check", commands), "check");
  EXPECT_EQ(closest("tp", commands), "top");
}

TEST(Suggest, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(closest("bananas", commands), "");
  EXPECT_EQ(closest(std::string(1000, 'a'), commands), "");
  EXPECT_EQ(did_you_mean("bananas", commands), "");
}

TEST(Suggest, MakesAHalfSentence) {
  EXPECT_EQ(did_you_mean("replya", commands), "; did you mean 'replay'?");
}

}  // namespace
}  // namespace plimsoll
