#include "inventory/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using testing::ElementsAre;

std::vector<std::string> fields(std::string_view text) {
  const auto csv = parse_csv(text);
  return csv.records.size() == 1 ? csv.records.front().fields : std::vector<std::string>{"?"};
}

TEST(Csv, SplitsAndTrimsPlainFields) {
  EXPECT_THAT(fields("a, b ,\tc\n"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(fields("a,,"), ElementsAre("a", "", ""));
  EXPECT_THAT(fields("a"), ElementsAre("a"));
}

TEST(Csv, ReadsQuotesAsRfc4180Has) {
  EXPECT_THAT(fields("\"a,b\",\"say \"\"x\"\"\"\n"), ElementsAre("a,b", "say \"x\""));
  EXPECT_THAT(fields(" \"a\" , \" b \"\r\n"), ElementsAre("a", " b "));
  EXPECT_THAT(fields("\"\",\"\""), ElementsAre("", ""));
}

TEST(Csv, PassesOverBomCommentsAndEmptyLines) {
  const auto csv = parse_csv("\xef\xbb\xbf# hosts\r\n\r\nip\r\n  # one\r\n10.0.0.1\r\n");
  ASSERT_EQ(csv.records.size(), 2U);
  EXPECT_THAT(csv.records[0].fields, ElementsAre("ip"));
  EXPECT_EQ(csv.records[0].line, 3U);
  EXPECT_EQ(csv.records[1].line, 5U);
  EXPECT_TRUE(csv.problems.empty());
}

TEST(Csv, CountsLinesAcrossQuotedLineBreaks) {
  const auto csv = parse_csv("a,\"1\n2\"\nb,c\n");
  ASSERT_EQ(csv.records.size(), 2U);
  EXPECT_THAT(csv.records[0].fields, ElementsAre("a", "1\n2"));
  EXPECT_EQ(csv.records[1].line, 3U);
}

TEST(Csv, NamesTheLineOfEachProblem) {
  const auto csv = parse_csv("a\nb\"c\n\"d\" e\nf,\"g\nh\n");
  ASSERT_EQ(csv.problems.size(), 3U);
  EXPECT_EQ(csv.problems[0].line, 2U);
  EXPECT_EQ(csv.problems[1].line, 3U);
  EXPECT_EQ(csv.problems[2].line, 4U);
  EXPECT_EQ(csv.problems[2].what, "a quote is opened and never closed");
}

TEST(Csv, HoldsOnToNothingInAnEmptyText) {
  EXPECT_TRUE(parse_csv("").records.empty());
  EXPECT_TRUE(parse_csv("\n\r\n# x").records.empty());
}

}  // namespace
}  // namespace plimsoll
