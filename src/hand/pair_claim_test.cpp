#include "hand/pair_claim.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

constexpr Duration stall{30'000};

TEST(PairClaim, IsHeldByOneAtATime) {
  const TempDir folder;
  const auto file = folder.path() / "rounds" / "pair";
  {
    const auto first = PairClaim::take(file);
    ASSERT_TRUE(first);
    EXPECT_EQ(PairClaim::take(file).error().code, Errc::conflict);
  }
  EXPECT_TRUE(PairClaim::take(file));
}

TEST(PairClaim, AfterACutTheNextOneWaits) {
  const TempDir folder;
  const auto claim = PairClaim::take(folder.path() / "pair").value();
  EXPECT_EQ(claim.patience(stall), Duration{0});
  ASSERT_TRUE(claim.begin());
  claim.cut(stall);
  EXPECT_GT(claim.patience(stall), Duration{0});
  EXPECT_LE(claim.patience(stall), Duration{62'000});
  claim.cut(Duration{-60'000});
  EXPECT_EQ(claim.patience(stall), Duration{0});
}

TEST(PairClaim, AnEndThatNobodyNotedIsTakenForACut) {
  const TempDir folder;
  const auto claim = PairClaim::take(folder.path() / "pair").value();
  ASSERT_TRUE(claim.begin());
  EXPECT_EQ(claim.patience(stall), Duration{62'000});
  folder.write("pair", "what");
  EXPECT_EQ(claim.patience(stall), Duration{62'000});
  claim.end();
  EXPECT_EQ(claim.patience(stall), Duration{0});
}

}  // namespace
}  // namespace plimsoll
