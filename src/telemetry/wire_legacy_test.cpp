#include "telemetry/wire_legacy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.h"
#include "support/golden.h"
#include "support/sample_reading.h"

namespace plimsoll {
namespace {

using test::golden;
using test::sample_reading;
using ::testing::HasSubstr;

TEST(WireLegacy, ServesThePredecessorsDocuments) {
  EXPECT_EQ(encode_devicedetails(sample_reading()) + "\n", golden("telemetry/devicedetails.json"));
  EXPECT_EQ(encode_containers(sample_reading()) + "\n", golden("telemetry/containers.json"));
  EXPECT_EQ(encode_combined(sample_reading()) + "\n", golden("telemetry/combined.json"));
}

TEST(WireLegacy, ReadsThePredecessorsDocument) {
  const auto reading = decode_combined(golden("telemetry/combined.json"));
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->address, "10.77.0.11");
  EXPECT_EQ(reading->cpu.percent, 25);
  EXPECT_EQ(reading->cpu.cores, 4);
  EXPECT_EQ(reading->memory.total, 8000U);
  EXPECT_EQ(reading->memory.available, 2000U);
  ASSERT_EQ(reading->filesystems.size(), 1U);
  EXPECT_EQ(reading->filesystems[0].used, 300U);
  EXPECT_EQ(reading->tx_dropped, 7U);
  ASSERT_EQ(reading->containers.size(), 2U);
  EXPECT_EQ(reading->containers[0].id, "aaaaaaaaaaaa");
  EXPECT_EQ(reading->containers[0].cpu_ns, 123'456'789'012U);
}

TEST(WireLegacy, WhatWasReadIsServedAgainUnchanged) {
  const auto reading = decode_combined(golden("telemetry/combined.json"));
  ASSERT_TRUE(reading);
  EXPECT_EQ(encode_devicedetails(*reading) + "\n", golden("telemetry/devicedetails.json"));
}

TEST(WireLegacy, StoppedContainersAreNotServed) {
  HostReading reading = sample_reading();
  reading.containers[0].state = "exited";
  EXPECT_THAT(encode_containers(reading), ::testing::StartsWith(R"([{"id":"bbbb)"));
}

TEST(WireLegacy, OlderAgentsSendUtilizationAndCount) {
  const auto reading = decode_combined(R"({"cpu_utilization":42.5,"cpu_count":8,"vm_used":1,
      "vm_free":1,"host":"10.0.0.2","containers":[]})");
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->cpu.percent, 42.5);
  EXPECT_EQ(reading->cpu.cores, 8);
  EXPECT_EQ(reading->address, "10.0.0.2");
}

TEST(WireLegacy, PercentagesAreNotCores) {
  const auto reading = decode_combined(R"({"cpu_used":30,"cpu_free":70,"cpu_percent":30})");
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->cpu.cores, 0);
}

TEST(WireLegacy, NumbersMayBeTexts) {
  const auto reading =
      decode_combined(R"({"cpu_percent":"12.5","vm_used":"18014398509481985","vm_free":" 1 "})");
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->cpu.percent, 12.5);
  EXPECT_EQ(reading->memory.total, 18'014'398'509'481'986U);
}

TEST(WireLegacy, WhatIsMissingStaysUnknown) {
  const auto reading = decode_combined(R"({"cpu_percent":1})");
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->memory.total, 0U);
  EXPECT_TRUE(reading->filesystems.empty());
  EXPECT_EQ(reading->tx_dropped, std::nullopt);
}

TEST(WireLegacy, MemoryLimitIsToldByThePercentage) {
  const auto reading = decode_combined(R"({"cpu_percent":1,"vm_used":600,"vm_free":400,
      "containers":[{"id":"a","memory_usage":100,"mem_per":50},
                    {"id":"b","memory_usage":100,"mem_per":10}]})");
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->containers[0].memory_limit, 200U);
  EXPECT_EQ(reading->containers[1].memory_limit, std::nullopt);
}

TEST(WireLegacy, RefusesWhatIsNotAHost) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"<html>", "not JSON"},
      {"[]", "the document is not an object"},
      {"{}", "cpu_percent is missing"},
      {R"({"cpu_percent":900})", "cpu_percent is above 100"},
      {R"({"cpu_percent":"many"})", "cpu_percent is not a number"},
      {R"({"cpu_percent":"-5"})", "cpu_percent is not from 0"},
      {R"({"cpu_percent":1,"containers":{}})", "containers is not an array"},
      {R"({"cpu_percent":1,"containers":[{}]})", "containers[0].id is missing"},
  };
  for (const auto& [json, message] : rows) {
    const auto reading = decode_combined(json);
    ASSERT_FALSE(reading) << json;
    EXPECT_THAT(reading.error().message, HasSubstr(message));
  }
}

TEST(WireLegacy, RefusesWhatNoHostCanHave) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {R"({"cpu_percent":10000})", "cpu_percent is above 100"},
      {R"({"cpu_percent":1,"cpu_used":1e9})", "cpu_used is not from 0 to 65536"},
      {R"({"cpu_percent":1,"vm_used":-1})", "vm_used is not a whole number from 0"},
      {R"({"cpu_percent":1,"containers":[{"id":"a","cpu_usage":-7}]})",
       "containers[0].cpu_usage is not a whole number from 0"},
      {R"({"cpu_percent":1,"containers":[{"id":"a"},{"id":"a"}]})",
       "containers has the id 'a' twice"},
      {R"({"cpu_percent":1,"containers":[{"id":"aaaaaaaaaaa\u00e9"}]})",
       "containers[0].id is not a container's id"},
  };
  for (const auto& [json, message] : rows) {
    const auto reading = decode_combined(json);
    ASSERT_FALSE(reading) << json;
    EXPECT_THAT(reading.error().message, HasSubstr(message));
    EXPECT_EQ(reading.error().code, Errc::invalid);
  }
}

/// A share near zero would make a limit that no number holds.
TEST(WireLegacy, ATinyShareOfMemoryTellsNoLimit) {
  const auto reading = decode_combined(R"({"cpu_percent":1,"vm_used":1000000000000000000,
      "vm_free":1000000000000000000,
      "containers":[{"id":"a","memory_usage":100,"mem_per":1e-300}]})");
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->containers[0].memory_limit, std::nullopt);
}

TEST(WireLegacy, RttRequestAndResponse) {
  const auto hosts = decode_rtt_request(R"({"hosts":["10.0.0.2","h3"]})");
  ASSERT_TRUE(hosts) << hosts.error().message;
  EXPECT_EQ(*hosts, (std::vector<std::string>{"10.0.0.2", "h3"}));
  const std::vector<RttReport> reports{{"10.0.0.2", 1.5, 1, 2, 0}, {"10.0.0.3", 0, 0, 0, 1}};
  EXPECT_EQ(encode_rtt_response(reports) + "\n", golden("telemetry/rtt.json"));
}

TEST(WireLegacy, RttRequestsAreBounded) {
  std::string many = R"({"hosts":["a")";
  for (int i = 0; i < 64; ++i) many += R"(,"a")";
  const auto refused = decode_rtt_request(many + "]}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::too_large);
  for (const char* json :
       {"", "[]", "{}", R"({"hosts":"a"})", R"({"hosts":[1]})", R"({"hosts":[""]})"}) {
    EXPECT_FALSE(decode_rtt_request(json)) << json;
  }
}

}  // namespace
}  // namespace plimsoll
