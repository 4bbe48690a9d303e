#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sample_reading.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;

struct Hostile {
  const char* name;
  std::string json;
  const char* message;
  Errc code = Errc::malformed;
};

std::ostream& operator<<(std::ostream& out, const Hostile& row) { return out << row.name; }

std::string with(const std::string& members) {
  return R"({"version":1,"sampled_at":"2026-11-22T12:00:00Z","cpu":{"cores":2,"percent":5},)"
         R"("memory":{"total":10,"available":5},)" +
         members + "}";
}

std::string with_cpu(const std::string& cpu) {
  return R"({"version":1,"sampled_at":"2026-11-22T12:00:00Z","cpu":)" + cpu +
         R"(,"memory":{"total":10,"available":5}})";
}

std::string many_containers(std::size_t count) {
  std::string list = R"("containers":[{"id":"0"})";
  for (std::size_t i = 1; i < count; ++i) list += R"(,{"id":")" + std::to_string(i) + R"("})";
  return with(list + "]");
}

class WireV1Hostile : public ::testing::TestWithParam<Hostile> {};

TEST_P(WireV1Hostile, IsRefusedWithItsPlace) {
  const auto reading = decode_v1(GetParam().json);
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr(GetParam().message));
  EXPECT_EQ(reading.error().code, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WireV1Hostile,
    ::testing::Values(
        Hostile{"empty", "", "not JSON"},
        Hostile{"html", "<!DOCTYPE html><h1>502</h1>", "starts with '<!DOCTYPE html>"},
        Hostile{"truncated", encode_v1(test::sample_reading()).substr(0, 700), "not JSON"},
        Hostile{"two", encode_v1({}) + "{}", "not JSON"},
        Hostile{"nan", with_cpu(R"({"cores":2,"percent":NaN})"), "not JSON"},
        Hostile{"bad_utf8", with("\"boot_id\":\"\xff\xfe\""), "not JSON"},
        Hostile{"array", "[]", "the document is not an object"},
        Hostile{"number", "1", "the document is not an object"},
        Hostile{"deep", std::string(5000, '[') + std::string(5000, ']'), "not JSON"},
        Hostile{"no_version", "{}", "version is missing"},
        Hostile{"version_2", R"({"version":2})", "version is not 1"},
        Hostile{"no_cpu", R"({"version":1,"sampled_at":"2026-11-22T12:00:00Z"})", "cpu is missing"},
        Hostile{"bad_time", R"({"version":1,"sampled_at":"yesterday"})",
                "sampled_at is not an RFC"},
        Hostile{"cpu_array", with_cpu("[]"), "cpu is not an object"},
        Hostile{"cpu_text", with_cpu(R"({"cores":2,"percent":"50"})"),
                "cpu.percent is not a number"},
        Hostile{"cpu_101", with_cpu(R"({"cores":2,"percent":101})"),
                "cpu.percent is not from 0 to 100", Errc::invalid},
        Hostile{"cpu_below", with_cpu(R"({"cores":-1,"percent":1})"), "cpu.cores is not from 0",
                Errc::invalid},
        Hostile{"huge", with_cpu(R"({"cores":2,"percent":1,"load1":1e300})"),
                "cpu.load1 is not from", Errc::invalid},
        Hostile{"overflow", with_cpu(R"({"cores":2,"percent":1e999})"), "cpu.percent"},
        Hostile{"below_zero", with(R"("tx_dropped":-1)"), "tx_dropped is not a whole number",
                Errc::invalid},
        Hostile{"fraction", with(R"("tx_dropped":1.5)"), "tx_dropped is not a whole number",
                Errc::invalid},
        Hostile{"too_wide", with(R"("tx_dropped":99999999999999999999)"),
                "tx_dropped is not a whole", Errc::invalid},
        Hostile{"over_total",
                with(R"("filesystems":[{"mount":"/","total":1,"used":2,"available":0}])"),
                "filesystems[0].used is more than the total", Errc::invalid},
        Hostile{"nic", with(R"("nics":[{"name":"eth0"}])"), "nics[0].rx_bytes_per_s is missing"},
        Hostile{"no_id", with(R"("containers":[{"id":"a"},{"name":"x"}])"),
                "containers[1].id is missing"},
        Hostile{"labels", with(R"("containers":[{"id":"a","labels":{"k":1}}])"),
                "containers[0].labels.k is not a text"},
        Hostile{"mounts", with(R"("containers":[{"id":"a","mounts":[{"type":"bind"}]}])"),
                "containers[0].mounts[0].destination is missing"},
        Hostile{"started", with(R"("containers":[{"id":"a","started_at":"today"}])"),
                "containers[0].started_at is not an RFC"},
        Hostile{"pressure", with(R"("containers":[{"id":"a","pressure":{"cpu":{}}}])"),
                "containers[0].pressure.cpu.some is missing"},
        Hostile{"containers_object", with(R"("containers":{})"), "containers is not an array"},
        Hostile{"long_text", with("\"boot_id\":\"" + std::string(5000, 'x') + "\""),
                "boot_id is too long"},
        Hostile{"many", many_containers(10'001), "containers has 10001 elements", Errc::too_large},
        Hostile{"twice", with(R"("containers":[{"id":"a"},{"id":"b"},{"id":"a"}])"),
                "containers has the id 'a' twice", Errc::invalid},
        Hostile{"twice_when_short",
                with(R"("containers":[{"id":"06f88fa30b79"},{"id":"06f88fa30b798310"}])"),
                "containers has the id '06f88fa30b79' twice", Errc::invalid},
        Hostile{"container_cpu", with(R"("containers":[{"id":"a","cpu_percent":10000}])"),
                "containers[0].cpu_percent is not from 0 to 1000", Errc::invalid},
        Hostile{"memory_over_total",
                R"({"version":1,"sampled_at":"2026-11-22T12:00:00Z",)"
                R"("cpu":{"cores":2,"percent":5},"memory":{"total":5,"available":10}})",
                "memory.available is more than the total", Errc::invalid},
        Hostile{"warnings", with(R"("warnings":[1])"), "warnings holds"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(WireV1Bounds, TenThousandContainersAreRead) {
  const auto reading = decode_v1(many_containers(10'000));
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->containers.size(), 10'000U);
}

TEST(WireV1Bounds, FiftyMegabytesAreRefusedUnread) {
  const auto reading = decode_v1(std::string(50U << 20, ' '));
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().code, Errc::too_large);
}

/// Every cut of a good document is refused, none crashes.
TEST(WireV1Bounds, EveryTruncationIsRefused) {
  const std::string whole = encode_v1(test::sample_reading());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_v1(std::string_view{whole}.substr(0, size))) << size;
  }
}

/// Every byte changed in turn: refused or read, never worse.
TEST(WireV1Bounds, EveryFlippedByteIsSurvived) {
  const std::string whole = encode_v1(test::sample_reading());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char byte : {'"', '-', '9', '}', '\0'}) {
      std::string broken = whole;
      broken[i] = byte;
      const auto reading = decode_v1(broken);
      if (reading) {
        EXPECT_LE(reading->cpu.percent, 100);
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll
