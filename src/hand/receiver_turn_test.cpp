#include "hand/receiver_turn.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <thread>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

constexpr Duration long_enough{60'000};

TEST(ReceiverTurn, TheNextOneWaitsForTheEndOfTheOneBefore) {
  const TempDir move;
  std::optional<ReceiverTurn> first = ReceiverTurn::take(move.path(), "/a", long_enough).value();
  EXPECT_TRUE(first->is_mine());
  auto second = std::async(std::launch::async, [&] {
    return ReceiverTurn::take(move.path(), "/a", long_enough).has_value();
  });
  while (first->is_mine()) std::this_thread::yield();
  EXPECT_EQ(second.wait_for(std::chrono::milliseconds{0}), std::future_status::timeout);
  first.reset();
  EXPECT_TRUE(second.get());
}

TEST(ReceiverTurn, PatienceEnds) {
  const TempDir move;
  const auto first = ReceiverTurn::take(move.path(), "/a", long_enough).value();
  const auto second = ReceiverTurn::take(move.path(), "/a", Duration{1});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::timeout);
  EXPECT_FALSE(first.is_mine()) << "it must end all the same";
}

TEST(ReceiverTurn, FoldersDoNotWaitForEachOther) {
  const TempDir move;
  const auto first = ReceiverTurn::take(move.path(), "/a", long_enough).value();
  EXPECT_TRUE(ReceiverTurn::take(move.path(), "/b", Duration{1}));
  EXPECT_TRUE(first.is_mine());
}

}  // namespace
}  // namespace plimsoll
