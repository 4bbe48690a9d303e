#include "simulate/trace_export.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* header =
    "time,measurement,host,name,cpu_cores,cpu_used,memory_total,memory_working_set,"
    "writable_bytes\r\n";

std::string at(int minute, int second = 0) {
  return fmt::format("2026-11-22T10:{:02}:{:02}.000Z", minute, second);
}
std::string device(const std::string& time, const std::string& host, double used, int cores = 4) {
  return fmt::format("{},Device,{},,{},{},8000000000,,\r\n", time, host, cores, used);
}
std::string container(const std::string& time, const std::string& host, const std::string& name,
                      double cores) {
  return fmt::format("{},Container,{},{},{},,,500000000,1000000\r\n", time, host, name, cores);
}

Result<BalancingFleet> read(const std::string& rows, const TraceLimits& limits = {},
                            Duration step = minutes{1}) {
  std::istringstream in{header + rows};
  return read_export(in, "week.csv", step, limits);
}

TEST(TraceExport, HostsContainersAndWhatIsLeftOver) {
  const auto fleet = read(device(at(0), "h1", 3) + container(at(0), "h1", "web", 1) +
                          container(at(0), "h1", "db", 1.5) + device(at(1), "h1", 1) +
                          container(at(1), "h1", "web", 0.5) + container(at(1), "h1", "db", 0.5) +
                          device(at(0), "h2", 0.25) + device(at(1), "h2", 0.25));
  ASSERT_TRUE(fleet) << fleet.error().message;
  EXPECT_EQ(fleet->name, "week.csv");
  EXPECT_EQ(fleet->steps, 2U);
  EXPECT_DOUBLE_EQ(fleet->step_s, 60);
  ASSERT_EQ(fleet->hosts.size(), 2U);
  EXPECT_DOUBLE_EQ(fleet->hosts[0].cpu, 4);
  EXPECT_DOUBLE_EQ(fleet->hosts[0].memory, 8e9);
  EXPECT_THAT(fleet->hosts[0].other_cpu, ElementsAre(0.5, 0));
  EXPECT_THAT(fleet->hosts[1].other_cpu, ElementsAre(0.25, 0.25));
  ASSERT_EQ(fleet->workloads.size(), 2U);
  EXPECT_EQ(fleet->workloads[0].name, "db");
  EXPECT_DOUBLE_EQ(fleet->workloads[1].cpu(0), 1);
  EXPECT_DOUBLE_EQ(fleet->workloads[1].memory_at(1), 5e8);
  EXPECT_DOUBLE_EQ(fleet->workloads[1].move_bytes, 1e6);
  EXPECT_EQ(fleet->workloads[1].start, 0U);
}

TEST(TraceExport, AStepIsTheMeanOfItsPointsInAnyOrder) {
  const auto fleet = read(device(at(1), "h1", 2) + device(at(0, 30), "h1", 3) +
                          device(at(0, 0), "h1", 1) + container(at(0), "h1", "web", 1));
  ASSERT_TRUE(fleet) << fleet.error().message;
  EXPECT_THAT(fleet->hosts[0].other_cpu, ElementsAre(1, 1));  // 2 - 1; the gap is filled
}

TEST(TraceExport, ALongGapCountsAsNothing) {
  std::string rows = container(at(0), "h1", "web", 1);
  for (int minute = 0; minute < 6; ++minute) rows += device(at(minute), "h1", 2);
  const auto fleet = read(rows);
  ASSERT_TRUE(fleet) << fleet.error().message;
  EXPECT_THAT(fleet->workloads[0].share, ElementsAre(1, 1, 1, 1, 0, 0));
  EXPECT_THAT(fleet->hosts[0].other_cpu, ElementsAre(1, 1, 1, 1, 2, 2));
}

TEST(TraceExport, OneThatWasMovedIsOneAndStartsWhereItBegan) {
  const auto fleet = read(device(at(0), "h1", 1) + device(at(0), "h2", 0) + device(at(1), "h1", 0) +
                          device(at(1), "h2", 1) + container(at(0), "h2", "web", 0.5) +
                          container(at(1), "h1", "web", 0.75));
  ASSERT_TRUE(fleet) << fleet.error().message;
  ASSERT_EQ(fleet->workloads.size(), 1U);
  EXPECT_EQ(fleet->workloads[0].start, 1U);
  EXPECT_THAT(fleet->workloads[0].share, ElementsAre(0.5, 0.75));
}

TEST(TraceExport, TheSameNameOnTwoHostsAtOnceIsTwo) {
  const auto fleet =
      read(device(at(0), "h1", 1) + device(at(1), "h1", 1) + device(at(1), "h2", 1) +
           container(at(1), "h1", "agent", 0.1) + container(at(1), "h2", "agent", 0.2));
  ASSERT_TRUE(fleet) << fleet.error().message;
  ASSERT_EQ(fleet->workloads.size(), 2U);
  EXPECT_EQ(fleet->workloads[0].name, "agent@h1");
  EXPECT_EQ(fleet->workloads[1].start, 1U);
}

TEST(TraceExport, OtherMeasurementsAndQuotedLinesArePassedOver) {
  const auto fleet =
      read(device(at(0), "h1", 1) + device(at(1), "h1", 1) + container(at(0), "h1", "web", 1) +
           at(0) + ",Monitor,h1,\"a \"\"quoted\"\"\r\nerror, over lines\",,,,,\r\n");
  ASSERT_TRUE(fleet) << fleet.error().message;
  EXPECT_EQ(fleet->workloads.size(), 1U);
}

std::string refused(const std::string& rows, const TraceLimits& limits = {}) {
  const auto fleet = read(rows, limits);
  return fleet ? std::string{"accepted"} : fleet.error().message;
}

TEST(TraceExport, WhatIsWrongIsToldWithItsPlace) {
  const std::string fine = device(at(0), "h1", 1) + device(at(1), "h1", 1);
  EXPECT_THAT(refused(""), HasSubstr("no points of the measurement Device"));
  EXPECT_THAT(refused(fine), HasSubstr("no points of the measurement Container"));
  EXPECT_THAT(refused(device(at(0), "h1", 1)), HasSubstr("take shorter steps"));
  EXPECT_THAT(refused(device(at(0), "h1", 1, 0)), HasSubstr("host h1: no cpu_cores"));
  EXPECT_THAT(refused("x,Device,h1,,4,1,,,\r\n"), HasSubstr("week.csv:2: "));
  EXPECT_THAT(refused(fine + "a,b\r\n"), HasSubstr("week.csv:4: 2 cells, the header has 9"));
  EXPECT_THAT(refused(fine + at(2) + ",Device,,,4,1,,,\r\n"), HasSubstr("week.csv:4: no host"));
  EXPECT_THAT(refused(fine + "\"open\r\n"), HasSubstr("does not end"));
}

TEST(TraceExport, LimitsAreHeld) {
  const std::string rows = device(at(0), "h1", 1) + device(at(1), "h1", 1) +
                           container(at(0), "h1", "a", 1) + container(at(0), "h1", "b", 1);
  EXPECT_EQ(refused(rows), "accepted");
  EXPECT_THAT(refused(rows, {.rows = 1}), HasSubstr("more than 1 containers"));
  EXPECT_THAT(refused(rows, {.values = 3}), HasSubstr("more than 3 figures"));
  EXPECT_THAT(refused(device(at(0), "h1", 1) + device("2036-11-22T10:00:00.000Z", "h1", 1)),
              HasSubstr("take longer ones"));
}

TEST(TraceExport, AFileIsKnownByItsHeader) {
  const TempDir dir;
  const auto path = (dir.path() / "week.csv").string();
  std::ofstream{path} << header;
  EXPECT_TRUE(is_export_file(path));
  std::ofstream{path} << "vm_1,2,3\n";
  EXPECT_FALSE(is_export_file(path));
  EXPECT_FALSE(is_export_file((dir.path() / "none").string()));
}

}  // namespace
}  // namespace plimsoll
