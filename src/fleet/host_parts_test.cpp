#include "fleet/host_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using testing::IsEmpty;
using Part = std::set<std::string>;

std::vector<std::string> named(std::size_t count) {
  std::vector<std::string> names;
  names.reserve(count);
  for (std::size_t i = 0; i < count; ++i) names.push_back("host" + std::to_string(1'000 + i));
  return names;
}

TEST(HostParts, AllAtOnceWhereNothingElseIsKnown) {
  HostParts parts{{"a", "b"}, 0};
  EXPECT_THAT(*parts.next(), IsEmpty());
  EXPECT_FALSE(parts.next());
  EXPECT_EQ(parts.most(), 0U);
}

TEST(HostParts, HalvesUntilTheyFit) {
  HostParts parts{{"a", "b", "c", "d", "e"}, 0};
  ASSERT_TRUE(parts.next());
  ASSERT_TRUE(parts.halve());
  EXPECT_EQ(parts.next(), (Part{"a", "b", "c"}));
  ASSERT_TRUE(parts.halve());
  EXPECT_EQ(parts.next(), (Part{"a", "b"}));
  EXPECT_EQ(parts.next(), (Part{"c", "d"}));
  EXPECT_EQ(parts.next(), (Part{"e"}));
  EXPECT_FALSE(parts.next());
  EXPECT_EQ(parts.most(), 2U);
}

TEST(HostParts, OneHostIsTheLeast) {
  HostParts parts{{"a"}, 0};
  ASSERT_TRUE(parts.next());
  ASSERT_TRUE(parts.halve());  // all that the store knows may be more than this one
  EXPECT_EQ(parts.next(), (Part{"a"}));
  EXPECT_FALSE(parts.halve());
  HostParts none{{}, 0};
  ASSERT_TRUE(none.next());
  EXPECT_FALSE(none.halve());
}

TEST(HostParts, WhatWasLearntIsWhereItBegins) {
  HostParts parts{{"a", "b", "c"}, 2};
  EXPECT_EQ(parts.next(), (Part{"a", "b"}));
  EXPECT_EQ(parts.next(), (Part{"c"}));
  EXPECT_FALSE(parts.next());
}

TEST(HostParts, NamesFitIntoAQuery) {
  const auto names = named(10'000);
  HostParts parts{names, 5'000};
  Part seen;
  while (const auto part = parts.next()) {
    std::size_t bytes = 0;
    for (const auto& name : *part) bytes += name.size() + 1;
    EXPECT_LE(bytes, 8U << 10);
    EXPECT_GT(part->size(), 0U);
    seen.insert(part->begin(), part->end());
  }
  EXPECT_EQ(seen.size(), names.size());
  HostParts long_names{{std::string(9'000, 'a'), std::string(9'000, 'b')}, 2};
  EXPECT_EQ(long_names.next()->size(), 1U);
}

}  // namespace
}  // namespace plimsoll
