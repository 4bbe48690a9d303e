#include "simulate/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <fstream>
#include <sstream>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Trace> read(const std::string& text, const TraceLimits& limits = {}) {
  std::istringstream in{text};
  return read_trace(in, "day.csv", limits);
}

TEST(Trace, PercentOfCpu) {
  const auto trace = read("a,0,50,100\nb,12.5,1,2\n");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->steps, 3U);
  EXPECT_FALSE(trace->has_memory());
  EXPECT_EQ(trace->rows[0].name, "a");
  EXPECT_THAT(trace->rows[0].cpu, ElementsAre(0, 0.5, 1));
  EXPECT_THAT(trace->rows[1].cpu, ElementsAre(0.125, 0.01, 0.02));
}

TEST(Trace, TenthsOfAPercentOfCpuAndMemory) {
  const auto trace = read("a,cpu,0,500\na,mem,1000,1\nb,cpu,1,2\nb,mem,3,4\n");
  ASSERT_TRUE(trace) << trace.error().message;
  ASSERT_EQ(trace->rows.size(), 2U);
  EXPECT_TRUE(trace->has_memory());
  EXPECT_THAT(trace->rows[0].cpu, ElementsAre(0, 0.5));
  EXPECT_THAT(trace->rows[0].memory, ElementsAre(1, 0.001));
}

TEST(Trace, LineEndsOfAnyKind) {
  for (const auto* text : {"a,1,2\r\nb,3,4\r\n", "a,1,2\nb,3,4", "\na,1,2\n\nb,3,4\n\n"}) {
    const auto trace = read(text);
    ASSERT_TRUE(trace) << trace.error().message;
    EXPECT_THAT(trace->rows[1].cpu, ElementsAre(0.03, 0.04));
  }
}

TEST(Trace, MoreThanAskedForCountsAsAll) {
  const auto trace = read("a,cpu,1000,1185\na,mem,2000,1\n");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_THAT(trace->rows[0].cpu, ElementsAre(1, 1));
  EXPECT_THAT(trace->rows[0].memory, ElementsAre(1, 0.001));
}

struct BadTrace {
  std::string text;
  std::string place;
  std::string what;
};

class BadTraces : public testing::TestWithParam<BadTrace> {};

TEST_P(BadTraces, AreRefusedWithTheirPlace) {
  const auto trace = read(GetParam().text);
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().code, Errc::malformed);
  EXPECT_THAT(trace.error().message, testing::StartsWith("day.csv:" + GetParam().place));
  EXPECT_THAT(trace.error().message, HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(
    Trace, BadTraces,
    testing::Values(
        BadTrace{"", "1", "no workloads"}, BadTrace{"a\n", "1", "expected NAME,VALUE"},
        BadTrace{",1,2\n", "1", "expected NAME,VALUE"}, BadTrace{"a,1,x\n", "1", "value 2: 'x'"},
        BadTrace{"a,1,\n", "1", "value 2: ''"}, BadTrace{"a,1,101\n", "1", "from 0 to 100"},
        BadTrace{"a,1,-1\n", "1", "'-1'"}, BadTrace{"a,1,nan\n", "1", "'nan'"},
        BadTrace{"a,1,inf\n", "1", "'inf'"}, BadTrace{"a,1,1e999\n", "1", "'1e999'"},
        BadTrace{"a,1, 2\n", "1", "' 2'"}, BadTrace{"a,1,2\nb,1\n", "2", "1 values, the first"},
        BadTrace{"a,1,2\nb,1,2,3\n", "2", "3 values, the first"},
        BadTrace{"a,1,2\na,1,2\n", "2", "'a' stands here a second time"},
        BadTrace{"a,5\n", "1", "one step is not enough"},
        BadTrace{"a,1,2\nb,cpu,1,2\n", "2", "are mixed"},
        BadTrace{"a,mem,1,2\n", "1", "without a 'cpu' row"},
        BadTrace{"a,cpu,1,2\nb,cpu,1,2\n", "2", "must follow"},
        BadTrace{"a,cpu,1,2\nb,mem,1,2\n", "2", "of 'b' after the 'cpu' row of 'a'"},
        BadTrace{"a,cpu,1,2\n", "1", "no 'mem' row"}, BadTrace{"a,cpu\na,mem\n", "1", "value 1"},
        BadTrace{"a,cpu,1,-1\n", "1", "'-1'"}, BadTrace{"a\x1b[2J,1,2\n", "1", "cannot be printed"},
        BadTrace{std::string{"a,1,\0\n", 6}, "1", "value 2"}));

TEST(TraceLimits, EachIsHeld) {
  const auto refused = [](const std::string& text, const TraceLimits& limits) {
    const auto trace = read(text, limits);
    return trace ? std::string{}
                 : std::string{to_string(trace.error().code)} + " " + trace.error().message;
  };
  EXPECT_THAT(refused("a,1,2\nb,1,2\n", {.rows = 1}),
              HasSubstr("day.csv:2: more than 1 workloads"));
  EXPECT_THAT(refused("a,1,2,3\n", {.steps = 2}), HasSubstr("day.csv:1: more than 2 steps"));
  EXPECT_THAT(refused("a,1,2\nb,1,2\n", {.values = 3}), HasSubstr("more than 3 values"));
  EXPECT_THAT(refused("a,1,2\n", {.line_bytes = 4}), HasSubstr("too_large day.csv:1: the line is"));
  EXPECT_THAT(refused("a,1,2\nb,1,2\n", {.file_bytes = 8}), HasSubstr("the file is too long"));
  EXPECT_EQ(refused("a,1,2\n", {.line_bytes = 5, .rows = 1, .steps = 2, .values = 2}), "");
}

TEST(TraceLimits, ALongLineIsCountedAcrossPieces) {
  std::string line = "a";
  while (line.size() < 60'000) line += ",100";
  EXPECT_EQ(read(line + "\n" + "b" + line.substr(1) + "\n")->rows.size(), 2U);
  EXPECT_FALSE(read(line + "\n", {.line_bytes = line.size() - 1}));
  EXPECT_TRUE(read(line + "\n", {.line_bytes = line.size()}));
}

class TraceFile : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) {
    const auto path = dir_.path() / name;
    std::ofstream{path, std::ios::binary} << bytes;
    return path.string();
  }
  static std::string packed(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
  }
  TempDir dir_;
};

TEST_F(TraceFile, PlainAndPacked) {
  const std::string text = "a,1,2\nb,3,4\n";
  EXPECT_EQ(read_trace_file(write("day.csv", text))->rows.size(), 2U);
  const auto trace = read_trace_file(write("day.csv.zst", packed(text)));
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->name, "day.csv.zst");
  EXPECT_THAT(trace->rows[1].cpu, ElementsAre(0.03, 0.04));
}

TEST_F(TraceFile, ALargePackedFileComesOutWhole) {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += "w" + std::to_string(i);
    for (int k = 0; k < 288; ++k) text += "," + std::to_string((i * 7 + k * 13) % 101);
    text += '\n';
  }
  // In two frames, as `cat a.zst b.zst` makes them.
  const auto half = text.find("\nw1500,") + 1;
  const auto path =
      write("large.csv.zst", packed(text.substr(0, half)) + packed(text.substr(half)));
  const auto trace = read_trace_file(path);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->rows.size(), 3000U);
  EXPECT_DOUBLE_EQ(trace->rows[2999].cpu[287], ((2999 * 7 + 287 * 13) % 101) / 100.0);
}

TEST_F(TraceFile, ABrokenPackingIsNamed) {
  const auto whole = packed("a,1,2\nb,3,4\nc,5,6\n");
  EXPECT_THAT(
      read_trace_file(write("cut.csv.zst", whole.substr(0, whole.size() - 4))).error().message,
      HasSubstr("cut.csv.zst: is cut off"));
  EXPECT_THAT(read_trace_file(write("not.csv.zst", "a,1,2\n")).error().message,
              HasSubstr("not.csv.zst: is no zstd file"));
}

TEST_F(TraceFile, WhatIsNotThereIsSaid) {
  EXPECT_EQ(read_trace_file((dir_.path() / "none.csv").string()).error().code, Errc::not_found);
  EXPECT_EQ(read_trace_file(dir_.path().string()).error().code, Errc::not_found);
}

TEST_F(TraceFile, ABombIsStoppedAtTheLimit) {
  const auto path = write("bomb.csv.zst", packed(std::string(50'000'000, '\n')));
  const auto trace = read_trace_file(path, {.file_bytes = 1'000'000});
  ASSERT_FALSE(trace);
  EXPECT_THAT(trace.error().message, HasSubstr("the file is too long"));
}

}  // namespace
}  // namespace plimsoll
