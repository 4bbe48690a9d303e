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

constexpr NodeMetric free_memory{"MemFree:", "node_memory_MemFree_bytes", "Memory.", false, 1024};
constexpr NodeMetric switches{"ctxt", "node_context_switches_total", "Switches.", true};

/// The sample with what only this process knows of it.
HostReading counted_reading() {
  KernelCounters counters;
  counters.cores = {{"0", {100, 0, 50, 850, 0, 0, 0, 0, 10, 0}}, {"1", {250}}};
  counters.disks = {{"vda", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}}};
  counters.nics = {{"eth0", {1000, 10, 0, 3, 0, 0, 0, 0, 2000, 20, 0, 7, 0, 0, 0, 0}}};
  counters.figures = {{&free_memory, 8}, {&switches, 12345}};
  counters.pressure.cpu.some = 1'500'000;
  auto& container = counters.containers.emplace_back();
  container.id = std::string(64, 'b');
  container.periods = 100;
  container.throttled_periods = 25;
  container.throttled_ns = 2'500'000'000;
  container.memory_anonymous = 1U << 20;
  container.oom_kills = 1;
  container.block_read_bytes = 4096;
  container.block_written_bytes = 8192;
  container.pressure.memory.full = 250'000;
  HostReading reading = sample_reading();
  reading.counters = std::make_shared<const KernelCounters>(std::move(counters));
  return reading;
}

TEST(Prometheus, IsTheGoldenExposition) {
  const std::string actual = encode_prometheus(sample_reading());
  EXPECT_EQ(actual, test::golden_for("telemetry/metrics.prom", actual));
}

TEST(Prometheus, IsTheGoldenExpositionOfASampledHost) {
  const std::string actual = encode_prometheus(counted_reading());
  EXPECT_EQ(actual, test::golden_for("telemetry/metrics_sampled.prom", actual));
}

TEST(Prometheus, StandardNamesCarryTheirFigures) {
  const std::string text = encode_prometheus(counted_reading());
  for (const char* line :
       {"machine_cpu_cores 4\n", "machine_memory_bytes 8000\n", "node_load1 1.25\n",
        "node_memory_MemTotal_bytes 8000\n",
        "node_filesystem_avail_bytes{device=\"/dev/vda\",fstype=\"ext4\",mountpoint=\"/\"} 600\n",
        "# TYPE node_network_receive_bytes_total counter\n",
        "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 8.5\n",
        "node_disk_read_bytes_total{device=\"vda\"} 1536\n",
        "node_disk_io_time_seconds_total{device=\"vda\"} 0.01\n", "# TYPE node_disk_io_now gauge\n",
        "node_memory_MemFree_bytes 8192\n", "# TYPE node_context_switches_total counter\n",
        "node_pressure_cpu_waiting_seconds_total 1.5\n",
        "node_network_transmit_drop_total{device=\"eth0\"} 7\n",
        "plimsoll_pressure_percent{resource=\"memory\",kind=\"full\",window=\"10s\"} 0.25\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, HasSubstr("container_memory_working_set_bytes{id=\"" + std::string(64, 'a')));
  const std::string db =
      "{id=\"" + std::string(64, 'b') + "\",name=\"db\",image=\"registry.example/shop/db:1.2\"} ";
  EXPECT_THAT(text, HasSubstr("container_cpu_cfs_throttled_seconds_total" + db + "2.5\n"));
  EXPECT_THAT(text, HasSubstr("container_spec_cpu_quota" + db + "200000\n"));
  EXPECT_THAT(text, HasSubstr("container_spec_cpu_period" + db + "100000\n"));
  EXPECT_THAT(text, HasSubstr("container_last_seen" + db + "1795348800.25\n"));
  EXPECT_THAT(text, HasSubstr("container_fs_writes_bytes_total" + db + "8192\n"));
  EXPECT_THAT(text, HasSubstr("container_pressure_memory_stalled_seconds_total" + db + "0.25\n"));
}

TEST(Prometheus, CountersFindTheirContainerByItsId) {
  HostReading reading = counted_reading();
  reading.containers.erase(reading.containers.begin() + 1);
  EXPECT_THAT(encode_prometheus(reading), Not(HasSubstr("container_cpu_cfs_periods_total")));
}

TEST(Prometheus, AFamilyIsAnnouncedOnceAndOnlyWithSamples) {
  std::set<std::string> seen;
  const std::string text = encode_prometheus(counted_reading());
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
