#include "agent/probe_memory.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using namespace std::chrono_literals;
const ProbeMemory::Clock::time_point start{100h};

ProbeReport report(double rate) { return {1, rate, 1000, {}}; }

TEST(ProbeMemory, GivesWhatIsYoungEnoughWithItsAge) {
  ProbeMemory memory;
  EXPECT_FALSE(memory.find("a", 1h, start));
  memory.keep("a", report(5), start);
  memory.keep("a", report(7), start + 1s);
  const auto found = memory.find("a", 10s, start + 4s);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->goodput_bytes_per_s, 7);
  EXPECT_EQ(found->age, 3s);
  EXPECT_FALSE(memory.find("a", 3s, start + 4s));
  EXPECT_FALSE(memory.find("a", 0s, start + 1s));
  EXPECT_FALSE(memory.find("b", 10s, start + 4s));
}

TEST(ProbeMemory, IsBoundedAndForgetsTheOldest) {
  ProbeMemory memory;
  for (std::size_t i = 0; i <= ProbeMemory::targets_max; ++i) {
    memory.keep(std::to_string(i), report(1), start + std::chrono::seconds{i});
  }
  EXPECT_FALSE(memory.find("0", 1h, start));
  EXPECT_TRUE(memory.find("1", 1h, start + 2s));
}

}  // namespace
}  // namespace plimsoll
