// Sensitivity, tried once each: `held` not looked at (AnUndoUnderWayHoldsIt), the budget of all
// hosts together (EachHostHasItsOwnBudget).
#include "move/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const TimePoint start{std::chrono::hours{1'000}};
constexpr Duration day = std::chrono::hours{24};

RetiredSource retired(const char* move, int hour, std::uint64_t size = gib,
                      const char* host = "h1") {
  return {MoveId{move}, HostId{host}, start + std::chrono::hours{hour}, Bytes{size}};
}

TEST(Retention, KeepsADay) {
  const std::vector sources{retired("b", 1), retired("a", 0)};
  EXPECT_THAT(to_clean(sources, {}, start + day - Duration{1}), IsEmpty());
  EXPECT_THAT(to_clean(sources, {}, start + day), ElementsAre(MoveId{"a"}));
  EXPECT_THAT(to_clean(sources, {}, start + 2 * day), ElementsAre(MoveId{"a"}, MoveId{"b"}));
}

TEST(Retention, TheOldestGoWhenTheDiskIsNeeded) {
  const std::vector sources{retired("a", 0), retired("b", 1), retired("c", 2)};
  const RetentionRules rules{.per_host = Bytes{2 * gib}};
  EXPECT_THAT(to_clean(sources, rules, start + std::chrono::hours{3}), ElementsAre(MoveId{"a"}));
}

TEST(Retention, EachHostHasItsOwnBudget) {
  const std::vector sources{retired("a", 0), retired("b", 1, gib, "h2")};
  const RetentionRules rules{.per_host = Bytes{gib}};
  EXPECT_THAT(to_clean(sources, rules, start + std::chrono::hours{3}), IsEmpty());
}

TEST(Retention, AnUndoUnderWayHoldsIt) {
  std::vector sources{retired("a", 0, 5 * gib), retired("b", 1)};
  sources.front().held = true;
  const RetentionRules rules{.per_host = Bytes{gib}};
  EXPECT_THAT(to_clean(sources, rules, start + 3 * day), ElementsAre(MoveId{"b"}));
}

}  // namespace
}  // namespace plimsoll
