#include "telemetry/points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "support/golden.h"
#include "support/sample_reading.h"
#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

using test::sample_reading;
using ::testing::IsSupersetOf;

const HostId h1{"h1"};
constexpr TimePoint at{Duration{1'000}};

std::map<std::string, FieldValue> fields_of(const Point& point) {
  return {point.fields.begin(), point.fields.end()};
}

std::set<std::string> names_of(const Point& point) {
  std::set<std::string> names;
  for (const auto& field : point.fields) names.insert(field.first);
  return names;
}

TEST(Points, AreTheGoldenLines) {
  std::string lines;
  for (const auto& point : points_of(h1, sample_reading(), at, true)) append_line(lines, point);
  EXPECT_EQ(lines, test::golden_for("telemetry/points.lp", lines));
}

TEST(Points, NoOtherFileSystemStandsInForARootThatHangs) {
  auto reading = sample_reading();
  reading.filesystems.at(0).mount = "/boot";
  const auto has_storage = [&] {
    return names_of(points_of(h1, reading, at, true).at(0)).contains("storage_percent");
  };
  EXPECT_TRUE(has_storage());
  reading.warnings.emplace_back("/: the file system does not answer; it is left out");
  EXPECT_FALSE(has_storage());
}

TEST(Points, ThePredecessorsFieldsKeepTheirNames) {
  const auto points = points_of(h1, sample_reading(), at, true);
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].measurement, "Device");
  EXPECT_THAT(
      names_of(points[0]),
      IsSupersetOf({"cpu_used", "cpu_free", "cpu_percent", "network_drop", "storage_used",
                    "storage_free", "storage_percent", "vm_free", "vm_percent", "vm_used"}));
  EXPECT_EQ(points[1].measurement, "Container");
  EXPECT_THAT(names_of(points[1]), IsSupersetOf({"cpu_percent", "cpu_usage", "mem_percent",
                                                 "memory_usage", "nw_percent", "nw_usage"}));
}

TEST(Points, FiguresOfADevice) {
  const auto points = points_of(h1, sample_reading(), at, true);
  auto fields = fields_of(points[0]);
  EXPECT_EQ(points[0].tags, (std::vector<Tag>{{"host", "h1"}}));
  EXPECT_EQ(points[0].time, at);
  EXPECT_EQ(fields["cpu_used"], FieldValue{1.0});
  EXPECT_EQ(fields["vm_used"], FieldValue{std::int64_t{6000}});
  EXPECT_EQ(fields["vm_percent"], FieldValue{75.0});
  EXPECT_EQ(fields["pressure_memory_full_avg10"], FieldValue{0.25});
  EXPECT_EQ(fields["docker_root_free"], FieldValue{std::int64_t{4000}});
  EXPECT_EQ(fields["network_tx_bytes_per_s"], FieldValue{2000.0});
}

TEST(Points, TheContainersIdIsATagOrAField) {
  const auto tagged = points_of(h1, sample_reading(), at, true);
  EXPECT_EQ(tagged[1].tags,
            (std::vector<Tag>{{"host", "h1"}, {"id", "aaaaaaaaaaaa"}, {"name", "web"}}));
  const auto untagged = points_of(h1, sample_reading(), at, false);
  EXPECT_EQ(untagged[1].tags, (std::vector<Tag>{{"host", "h1"}, {"name", "web"}}));
  EXPECT_EQ(fields_of(untagged[1])["id"], FieldValue{std::string{"aaaaaaaaaaaa"}});
  EXPECT_EQ(fields_of(tagged[1])["short_id"], FieldValue{std::string{"aaaaaaaaaaaa"}});
}

TEST(Points, TagsStandInTheOrderOfTheirNames) {
  for (const auto& point : points_of(h1, sample_reading(), at, true)) {
    EXPECT_TRUE(std::ranges::is_sorted(point.tags)) << point.measurement;
  }
}

TEST(Points, WhatIsUnknownIsLeftOut) {
  HostReading reading;
  reading.containers.emplace_back().id = "0123456789ab";
  const auto points = points_of(h1, reading, at, true);
  EXPECT_EQ(names_of(points[0]), (std::set<std::string>{"cpu_percent", "containers"}));
  EXPECT_EQ(names_of(points[1]), (std::set<std::string>{"short_id"}));
  EXPECT_EQ(points[1].tags.back(), (Tag{"name", "0123456789ab"}));
}

/// A type that changed with the figures would make InfluxDB refuse the point.
TEST(Points, AFieldKeepsItsTypeWhateverTheFigures) {
  HostReading zeros = sample_reading();
  zeros.cpu.percent = 0;
  zeros.nics[0].rx_bytes_per_s = 0;
  zeros.containers[0].memory_usage = 0;
  zeros.containers[0].cpu_percent = 0;
  const auto a = points_of(h1, sample_reading(), at, true);
  const auto b = points_of(h1, zeros, at, true);
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto types = fields_of(b[i]);
    for (const auto& [name, value] : a[i].fields) {
      EXPECT_EQ(types[name].index(), value.index()) << name;
    }
  }
}

TEST(Points, CountersBeyondInt64AreCutThere) {
  HostReading reading = sample_reading();
  reading.containers[0].cpu_ns = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(fields_of(points_of(h1, reading, at, true)[1])["cpu_usage"],
            FieldValue{std::numeric_limits<std::int64_t>::max()});
}

TEST(Points, AMonitorPointTellsOfThePoll) {
  auto up = fields_of(monitor_point(h1, at, true, Duration{250}, 1234, ""));
  EXPECT_EQ(up["up"], FieldValue{true});
  EXPECT_EQ(up["duration_s"], FieldValue{0.25});
  EXPECT_EQ(up["bytes"], FieldValue{std::int64_t{1234}});
  EXPECT_FALSE(up.contains("error_class"));
  const Point down = monitor_point(h1, at, false, Duration{3000}, 0, "timeout");
  EXPECT_EQ(fields_of(down)["error_class"], FieldValue{std::string{"timeout"}});
  EXPECT_EQ(down.measurement, "Monitor");
}

}  // namespace
}  // namespace plimsoll
