#include "telemetry/prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "core/text.h"
#include "support/golden.h"
#include "support/sample_reading.h"
#include "telemetry/prometheus_text.h"

namespace plimsoll {
namespace {

using test::sample_reading;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Prometheus, IsTheGoldenExposition) {
  const std::string actual = encode_prometheus(sample_reading());
  EXPECT_EQ(actual, test::golden_for("telemetry/metrics.prom", actual));
}

TEST(Prometheus, StandardNamesCarryTheirFigures) {
  const std::string text = encode_prometheus(sample_reading());
  for (const char* line :
       {"node_load1 1.25\n", "node_memory_MemTotal_bytes 8000\n",
        "node_filesystem_avail_bytes{device=\"/dev/vda\",fstype=\"ext4\",mountpoint=\"/\"} 600\n",
        "# TYPE node_network_receive_bytes_total counter\n",
        "node_network_transmit_drop_total{device=\"eth0\"} 7\n",
        "plimsoll_pressure_percent{resource=\"memory\",kind=\"full\",window=\"10s\"} 0.25\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, HasSubstr("container_memory_working_set_bytes{id=\"" + std::string(64, 'a')));
}

TEST(Prometheus, AFamilyIsAnnouncedOnceAndOnlyWithSamples) {
  std::set<std::string> seen;
  const std::string text = encode_prometheus(sample_reading());
  for (const auto line : split(text, '\n')) {
    if (!line.starts_with("# TYPE")) continue;
    EXPECT_TRUE(seen.emplace(line).second) << line;
  }
  EXPECT_THAT(encode_prometheus(HostReading{}), Not(HasSubstr("node_load1")));
}

TEST(PrometheusText, EscapesLabelsAndDropsWhatIsNoNumber) {
  PrometheusText out;
  out.family("m", PrometheusText::Kind::gauge, "Help.");
  out.sample({{"a", "x\"y\\z\n"}}, 1.5).sample({}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(out.take(), "# HELP m Help.\n# TYPE m gauge\nm{a=\"x\\\"y\\\\z\\n\"} 1.5\n");
}

}  // namespace
}  // namespace plimsoll
