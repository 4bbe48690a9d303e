#include "telemetry/recorded.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/golden.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Everything up to the end or the first failure.
struct Replayed {
  std::vector<RecordedSample> samples;
  std::string problem;
};

Replayed replay(const std::string& text) {
  std::istringstream in{text};
  RecordedReader reader{in, "data.json"};
  Replayed replayed;
  for (;;) {
    auto sample = reader.next();
    if (!sample) {
      replayed.problem = sample.error().message;
      return replayed;
    }
    if (!*sample) return replayed;
    replayed.samples.push_back(std::move(**sample));
  }
}

constexpr const char* host = R"({"host":"h1","cpu_percent":5})";

TEST(Recorded, ConcatenatedArraysOfThePredecessor) {
  const auto replayed = replay(test::golden("telemetry/recorded.json"));
  EXPECT_EQ(replayed.problem, "");
  ASSERT_EQ(replayed.samples.size(), 3U);
  EXPECT_EQ(replayed.samples[0].host, "192.168.0.7");
  EXPECT_EQ(format_rfc3339(*replayed.samples[0].time), "2023-07-28T19:17:04.000Z");
  EXPECT_EQ(replayed.samples[0].reading.cpu.percent, 42.5);
  EXPECT_EQ(replayed.samples[0].reading.cpu.cores, 8);
  EXPECT_EQ(replayed.samples[0].reading.containers.size(), 1U);
  EXPECT_EQ(replayed.samples[1].host, "192.168.0.8");
  EXPECT_EQ(replayed.samples[2].reading.cpu.cores, 8);
  EXPECT_EQ(replayed.samples[2].reading.cpu.percent, 43.5);
}

TEST(Recorded, PlainArrayLinesAndNothing) {
  EXPECT_EQ(replay(std::string{"["} + host + "," + host + "]\n").samples.size(), 2U);
  EXPECT_EQ(replay(std::string{host} + "\n" + host + "\r\n").samples.size(), 2U);
  EXPECT_EQ(replay("[][]").samples.size(), 0U);
  EXPECT_EQ(replay("").problem, "");
}

TEST(Recorded, HostWithoutTimeAndNameInNwIp) {
  const auto replayed = replay(R"([{"nw_ip":"10.0.0.9","cpu_percent":"7"}])");
  ASSERT_EQ(replayed.samples.size(), 1U) << replayed.problem;
  EXPECT_EQ(replayed.samples[0].host, "10.0.0.9");
  EXPECT_EQ(replayed.samples[0].time, std::nullopt);
}

TEST(Recorded, BracesAndQuotesInsideTextsAreText) {
  const auto replayed = replay(R"([{"host":"a\"}{[","cpu_percent":1}])");
  ASSERT_EQ(replayed.samples.size(), 1U) << replayed.problem;
  EXPECT_EQ(replayed.samples[0].host, "a\"}{[");
}

TEST(Recorded, ProblemsNameFileAndLine) {
  const std::string two = std::string{"[\n"} + host + ",\n";
  const std::vector<std::pair<std::string, std::string>> rows{
      {two + R"({"host":"h2"}])", "data.json:3: cpu_percent is missing"},
      {two + R"({"cpu_percent":1}])", "data.json:3: has neither 'host' nor 'nw_ip'"},
      {two + R"({"host":"a","cpu_percent":1,"time":"noon"}])", "data.json:3: time 'noon'"},
      {two + R"({"host":})", "data.json:3: not JSON"},
      {two + "7]", "data.json:3: '7' where a host"},
      {two + R"({"host":"h2",)", "data.json:3: ends in the middle of a host"},
      {two, "data.json:3: ends in the middle of an array"},
      {std::string{"["} + host + "\n" + host, "data.json:2: a comma is missing"},
      {"<html>", "data.json:1: '<' where a host"},
      {"[[{}]]", "data.json:1: '[' where a host"},
  };
  for (const auto& [text, message] : rows) {
    EXPECT_THAT(replay(text).problem, StartsWith(message)) << text;
  }
}

TEST(Recorded, GoesOnBehindAnElementThatIsNotAHost) {
  std::istringstream in{std::string{R"([{"host":"bad"},)"} + host + "]"};
  RecordedReader reader{in, "data.json"};
  EXPECT_FALSE(reader.next());
  const auto sample = reader.next();
  ASSERT_TRUE(sample && *sample);
  EXPECT_EQ((*sample)->host, "h1");
  const auto end = reader.next();
  EXPECT_TRUE(end && !*end);
}

TEST(Recorded, ABrokenStructureStaysBroken) {
  std::istringstream in{"[7" + std::string{host}};
  RecordedReader reader{in, "data.json"};
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
}

TEST(Recorded, AnEndlessElementIsCutOff) {
  EXPECT_THAT(replay("{\"a\":\"" + std::string(9U << 20, 'x')).problem, HasSubstr("8 MiB"));
}

}  // namespace
}  // namespace plimsoll
