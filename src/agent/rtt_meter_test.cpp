#include "agent/rtt_meter.h"

#include <gtest/gtest.h>

#include "support/run_task.h"

namespace plimsoll {
namespace {

RttConfig quick() {
  RttConfig config;
  config.probes = 2;
  config.probe_timeout = Duration{200};
  config.lookup_timeout = Duration{500};
  return config;
}

TEST(RttMeter, ReportsEachHostInItsPlace) {
  asio::io_context context;
  RttMeter meter{context.get_executor(), quick()};
  const std::vector<std::string> hosts{"127.0.0.1", "no such host!", "127.0.0.2"};
  const auto reports = run_task(context, meter.measure(hosts));
  ASSERT_EQ(reports.size(), 3U);
  EXPECT_EQ(reports[0].host, "127.0.0.1");
  EXPECT_EQ(reports[0].loss, 0);
  EXPECT_GT(reports[0].min_ms, 0);
  EXPECT_LE(reports[0].min_ms, reports[0].avg_ms);
  EXPECT_LE(reports[0].avg_ms, reports[0].max_ms);
  EXPECT_EQ(reports[1], (RttReport{"no such host!", 0, 0, 0, 1}));
  EXPECT_EQ(reports[2].loss, 0);
}

TEST(RttMeter, Version6IsMeasuredToo) {
  asio::io_context context;
  RttMeter meter{context.get_executor(), quick()};
  const std::vector<std::string> hosts{"::1"};
  EXPECT_EQ(run_task(context, meter.measure(hosts)).at(0).loss, 0);
}

TEST(RttMeter, EachAnswerIsOfItsOwnRequestAlone) {
  asio::io_context context;
  RttMeter meter{context.get_executor(), quick()};
  const std::vector<std::string> first{"127.0.0.1", "127.0.0.1", "no such host!"};
  EXPECT_EQ(run_task(context, meter.measure(first)).size(), 3U);
  const std::vector<std::string> second{"127.0.0.2"};
  const auto reports = run_task(context, meter.measure(second));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].host, "127.0.0.2");
}

TEST(RttMeter, NobodyAskedForIsAnsweredAtOnce) {
  asio::io_context context;
  RttMeter meter{context.get_executor(), quick()};
  EXPECT_TRUE(run_task(context, meter.measure({})).empty());
}

TEST(RttMeter, AHostThatCannotBeReachedIsLost) {
  asio::io_context context;
  RttMeter meter{context.get_executor(), quick()};
  // Broadcast: neither pinged nor connected to without being asked to twice.
  const std::vector<std::string> hosts{"255.255.255.255"};
  EXPECT_EQ(run_task(context, meter.measure(hosts)).at(0).loss, 1);
}

}  // namespace
}  // namespace plimsoll
