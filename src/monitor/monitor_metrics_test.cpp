#include "monitor/monitor_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/text.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(DurationHistogram, CountsUpToEachBound) {
  DurationHistogram histogram;
  histogram.add(1ms);
  histogram.add(15ms);
  histogram.add(1min);
  EXPECT_EQ(histogram.cumulative(0), 1U);
  EXPECT_EQ(histogram.cumulative(3), 1U);  // 10 ms
  EXPECT_EQ(histogram.cumulative(4), 2U);  // 20 ms
  EXPECT_EQ(histogram.cumulative(DurationHistogram::bounds.size() - 1), 2U);
  EXPECT_EQ(histogram.count(), 3U);
  EXPECT_NEAR(histogram.sum_s(), 60.016, 1e-9);
}

MonitorCounters sample() {
  MonitorCounters counters;
  counters.polls = 100;
  counters.failures = {{"timeout", 3}, {"http_401", 2}};
  counters.lateness.add(3ms);
  counters.duration.add(40ms);
  counters.hosts_up = 7;
  counters.hosts_down = 2;
  return counters;
}

TEST(MonitorMetrics, ShowsWhatWasCounted) {
  const auto text = render_monitor_metrics(sample());
  EXPECT_THAT(text, HasSubstr("\nplimsoll_monitor_polls_total 100\n"));
  EXPECT_THAT(text, HasSubstr("plimsoll_monitor_poll_failures_total{class=\"timeout\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("plimsoll_monitor_hosts{state=\"down\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("plimsoll_monitor_poll_lateness_seconds_bucket{le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("plimsoll_monitor_poll_lateness_seconds_bucket{le=\"+Inf\"} 1\n"));
}

/// The rules of the text format that a scraper stumbles over: HELP and TYPE once for each name, in
/// front of its samples, and no line without one.
TEST(MonitorMetrics, IsWellFormed) {
  std::set<std::string, std::less<>> announced;
  std::string current;
  const std::string text = render_monitor_metrics(sample());
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto words = split(line, ' ');
    ASSERT_GE(words.size(), 2U) << line;
    if (line.starts_with("# TYPE ")) {
      current = words[2];
      EXPECT_TRUE(announced.insert(current).second) << line;
    } else if (!line.starts_with('#')) {
      EXPECT_TRUE(line.starts_with(current)) << line;
      EXPECT_TRUE(parse_number<double>(words.back())) << line;
    }
  }
  EXPECT_GT(announced.size(), 15U);
}

TEST(MonitorMetrics, KnowsTheProcess) {
  const auto text = render_monitor_metrics({});
  for (const auto* name : {"process_resident_memory_bytes ", "process_open_fds ",
                           "process_max_fds ", "process_cpu_seconds_total "}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

}  // namespace
}  // namespace plimsoll
