#include "hand/fence.h"

#include <gmock/gmock.h>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;

Order order(std::uint64_t epoch, std::string owner = "aaaaaaaaaaaaaaaa") {
  return {MoveId{"abcdefabcdef"}, epoch, std::move(owner), false};
}

TEST(Fence, LowerEpochsOfAMoveAreRefused) {
  const TempDir folder;
  Fence fence{folder.path()};
  EXPECT_TRUE(fence.admit(order(4)));
  EXPECT_TRUE(fence.admit(order(4)));
  EXPECT_TRUE(fence.admit(order(7)));
  const auto late = fence.admit(order(4));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::refused);
  EXPECT_THAT(late.error().message, HasSubstr("superseded"));
  EXPECT_FALSE(fence.check(order(6)));
  EXPECT_TRUE(fence.check(order(7)));
}

TEST(Fence, MovesDoNotSupersedeEachOther) {
  const TempDir folder;
  Fence fence{folder.path()};
  EXPECT_TRUE(fence.admit(order(9)));
  auto other = order(3);
  other.move = MoveId{"bbbbbbbbbbbb"};
  EXPECT_TRUE(fence.admit(other));
}

TEST(Fence, ASecondOwnerIsRefusedUntilAPersonSaysSo) {
  const TempDir folder;
  EXPECT_TRUE(Fence{folder.path()}.admit(order(4)));
  auto stranger = order(100, "bbbbbbbbbbbbbbbb");
  EXPECT_FALSE(Fence{folder.path()}.admit(stranger));
  EXPECT_TRUE(Fence{folder.path()}.check(order(4))) << "a refused order changes nothing";
  stranger.take_over = true;
  EXPECT_TRUE(Fence{folder.path()}.admit(stranger));
  EXPECT_FALSE(Fence{folder.path()}.check(order(200))) << "the first owner is out now";
}

TEST(Fence, ARecordThatIsNoNumberLetsNobodyAct) {
  const TempDir folder;
  Fence fence{folder.path()};
  EXPECT_TRUE(fence.admit(order(4)));
  folder.write("epochs/abcdefabcdef", "four\n");
  EXPECT_FALSE(fence.admit(order(5)));
  fence.forget(order(5).move);
  EXPECT_TRUE(fence.admit(order(1)));
}

}  // namespace
}  // namespace plimsoll
