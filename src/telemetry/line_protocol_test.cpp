#include "telemetry/line_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/sample_reading.h"
#include "telemetry/points.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;

std::string line_of(const Point& point) {
  std::string out;
  append_line(out, point);
  return out;
}

Point point_with(FieldValue value) {
  return {"m", {}, {{"f", std::move(value)}}, TimePoint{Duration{5}}};
}

TEST(LineProtocol, WritesTypes) {
  EXPECT_EQ(line_of(point_with(1.5)), "m f=1.5 5\n");
  EXPECT_EQ(line_of(point_with(5.0)), "m f=5 5\n");
  EXPECT_EQ(line_of(point_with(std::int64_t{-7})), "m f=-7i 5\n");
  EXPECT_EQ(line_of(point_with(true)), "m f=true 5\n");
  EXPECT_EQ(line_of(point_with(std::string{"x"})), "m f=\"x\" 5\n");
  EXPECT_EQ(line_of(point_with(std::numeric_limits<std::int64_t>::min())),
            "m f=-9223372036854775808i 5\n");
}

TEST(LineProtocol, LeavesOutWhatItCannotHold) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(line_of(point_with(nan)), "");
  EXPECT_EQ(line_of(point_with(-infinity)), "");
  Point point{"m", {{"a", ""}, {"b", "1"}}, {{"x", nan}, {"y", 2.0}}, TimePoint{Duration{5}}};
  EXPECT_EQ(line_of(point), "m,b=1 y=2 5\n");
  point.fields.clear();
  EXPECT_EQ(line_of(point), "");
}

TEST(LineProtocol, Escapes) {
  const Point point{"my,m s=1", {{"k =,", "v =,"}}, {{"f =,", std::string{R"(a"b\c)"}}}, {}};
  EXPECT_EQ(line_of(point), R"(my\,m\ s=1,k\ \=\,=v\ \=\, f\ \=\,="a\"b\\c" 0)"
                            "\n");
}

TEST(LineProtocol, LineBreaksAndEscapingBackslashesAreReplaced) {
  const Point point{"m",
                    {{"a", "x\\"}, {"b", "x\\,y\\z\\\\"}, {"c", "x\ny"}},
                    {{"f", std::string{"x\r\ny"}}},
                    {}};
  EXPECT_EQ(line_of(point), "m,a=x/,b=x/\\,y\\z//,c=x\\ y f=\"x  y\" 0\n");
}

TEST(LineProtocol, GoesBothWays) {
  const std::vector<Point> points{
      {"Device",
       {{"host", "h 1,=\\x"}},
       {{"a", 0.1}, {"b", std::int64_t{5}}},
       TimePoint{Duration{-5}}},
      {"m e",
       {},
       {{"t", std::string{"\"\\ ,=é"}}, {"u", false}},
       TimePoint{Duration{1'790'000'000'000}}},
      {"n", {}, {{"d", std::numeric_limits<double>::max()}, {"e", 5e-324}}, {}},
  };
  std::string text;
  for (const auto& point : points) append_line(text, point);
  const auto back = parse_lines(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, points);
}

TEST(LineProtocol, AWholeReadingGoesBothWays) {
  const auto points = points_of(HostId{"h1"}, test::sample_reading(), TimePoint{Duration{1}}, true);
  std::string text;
  for (const auto& point : points) append_line(text, point);
  const auto back = parse_lines(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, points);
}

/// Every text of up to three characters out of those that matter, in each place.
TEST(LineProtocol, NoTextBreaksOutOfItsPlace) {
  const std::string letters = "\\, =\"\na";
  for (const char a : letters) {
    for (const char b : letters) {
      for (const char c : letters) {
        const std::string text{a, b, c};
        Point point{text, {{text, text}, {"z", "1"}}, {{text, text}, {"y", 1.0}}, {}};
        const auto back = parse_lines(line_of(point));
        if (text.starts_with('#')) continue;
        ASSERT_TRUE(back) << line_of(point) << back.error().message;
        ASSERT_EQ(back->size(), 1U);
        EXPECT_EQ(back->front().tags.size(), 2U) << line_of(point);
        EXPECT_EQ(back->front().fields.size(), 2U) << line_of(point);
      }
    }
  }
}

TEST(LineProtocol, PassesOverCommentsAndEmptyLines) {
  const auto points = parse_lines("# comment\n\n  \nm f=1 5\r\nm f=2 6");
  ASSERT_TRUE(points) << points.error().message;
  EXPECT_EQ(points->size(), 2U);
}

TEST(LineProtocol, RefusesWithTheLineNumber) {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"m", "expected a space before the fields"},
      {"m 5", "expected '='"},
      {"m f=1", "expected a time"},
      {"m f=1 ", "'' is not a time"},
      {"m f=1 5 6", "'5 6' is not a time"},
      {"m f= 5", "'' is not a value"},
      {"m f=abc 5", "'abc' is not a value"},
      {"m f=nan 5", "'nan' is not a value"},
      {"m f=1e999 5", "is not a value"},
      {"m f=99999999999999999999i 5", "is not a value"},
      {"m f=\"x 5", "without its closing quote"},
      {"m,a f=1 5", "'=' after a tag"},
      {"m,a= f=1 5", "an empty tag"},
      {"m,a=1,a=2 f=1 5", "stands twice"},
      {"m f=1,f=2 5", "stands twice"},
      {" f=1 5", "no measurement"},
  };
  for (const auto& [line, message] : rows) {
    const auto points = parse_lines("m f=1 5\n" + line);
    ASSERT_FALSE(points) << line;
    EXPECT_THAT(points.error().message, HasSubstr("line 2")) << line;
    EXPECT_THAT(points.error().message, HasSubstr(message)) << line;
  }
}

}  // namespace
}  // namespace plimsoll
