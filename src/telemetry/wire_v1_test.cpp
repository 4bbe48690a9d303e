#include "telemetry/wire_v1.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/sample_reading.h"

namespace plimsoll {
namespace {

using test::sample_reading;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WireV1, GoesBothWays) {
  const HostReading reading = sample_reading();
  const auto back = decode_v1(encode_v1(reading));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, reading);
}

TEST(WireV1, AnEmptyReadingGoesBothWays) {
  const auto back = decode_v1(encode_v1(HostReading{}));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, HostReading{});
}

TEST(WireV1, IsTheGoldenDocument) {
  const std::string actual = test::one_member_a_line(encode_v1(sample_reading()));
  EXPECT_EQ(actual, test::golden_for("telemetry/v1.json", actual));
}

TEST(WireV1, WhatIsAbsentIsLeftOut) {
  const std::string text = encode_v1(HostReading{});
  EXPECT_THAT(text, HasSubstr(R"("version":1)"));
  for (const char* name : {"load1", "modes", "pressure", "swap_used", "boot_id", "null"}) {
    EXPECT_THAT(text, Not(HasSubstr(name)));
  }
}

TEST(WireV1, NullIsTheSameAsAbsentAndUnknownMembersAreIgnored) {
  const auto reading = decode_v1(R"({"version":1,"sampled_at":"2026-11-22T12:00:00Z","colour":[1],
      "cpu":{"cores":2,"percent":50,"load1":null,"new":{}},"pressure":null,
      "memory":{"total":10,"available":5},"containers":[{"id":"abc","cpu_cores":null}]})");
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->cpu.load1, std::nullopt);
  EXPECT_EQ(reading->pressure, PressureSet{});
  ASSERT_EQ(reading->containers.size(), 1U);
  EXPECT_EQ(reading->containers[0].cpu_cores, std::nullopt);
}

TEST(WireV1, CountersKeepAllTheirBits) {
  HostReading reading = sample_reading();
  reading.containers[0].cpu_ns = 18'446'744'073'709'551'615U;
  const auto back = decode_v1(encode_v1(reading));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->containers[0].cpu_ns, 18'446'744'073'709'551'615U);
}

TEST(WireV1, TextsMayHoldAnything) {
  HostReading reading = sample_reading();
  reading.containers[0].labels["plimsoll.group"] = "a\"b\\c\n\t\x01 é";
  const auto back = decode_v1(encode_v1(reading));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, reading);
}

}  // namespace
}  // namespace plimsoll
