#include "decide/fleet.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using Ids = std::vector<std::string>;

TEST(ChainIds, AreOneForEachLayer) {
  EXPECT_TRUE(chain_ids({}).empty());
  EXPECT_EQ(chain_ids({"sha256:a", "sha256:b"}).size(), 2U);
}

TEST(ChainIds, ShareWhatLiesBelow) {
  const auto one = chain_ids({"sha256:a", "sha256:b", "sha256:c"});
  const auto other = chain_ids({"sha256:a", "sha256:b", "sha256:d"});
  EXPECT_EQ(one[0], other[0]);
  EXPECT_EQ(one[1], other[1]);
  EXPECT_NE(one[2], other[2]);
}

TEST(ChainIds, DependOnWhatLiesBelow) {
  EXPECT_NE(chain_ids({"sha256:a", "sha256:c"})[1], chain_ids({"sha256:b", "sha256:c"})[1]);
  EXPECT_NE(chain_ids({"a", "b"})[1], chain_ids({"ab"})[0]);
}

}  // namespace
}  // namespace plimsoll
