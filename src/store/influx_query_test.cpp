#include "store/influx_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/influx_refusal.h"
#include "store/store_conformance.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(InfluxQuery, EscapesNamesAndTexts) {
  EXPECT_EQ(influx_name(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(influx_text("it's \\ \"x\"\n"), R"('it\'s \\ "x"\n')");
}

TEST(InfluxQuery, BuildsQueries) {
  EXPECT_EQ(influx_range_query({"Device", {"a", "b"}, {{"host", "h1"}, {"x", "y"}}, at(0), at(5)}),
            "SELECT \"a\", \"b\" FROM \"Device\" WHERE time >= 1750000020000ms AND time < "
            "1750000020005ms AND \"host\" = 'h1' AND \"x\" = 'y' GROUP BY * ORDER BY time");
  EXPECT_EQ(influx_latest_query({"Device", {{"host", "h1"}}, at(0)}),
            "SHOW FIELD KEYS FROM \"Device\"; SELECT * FROM \"Device\" WHERE time >= "
            "1750000020000ms AND \"host\" = 'h1' GROUP BY * ORDER BY time DESC LIMIT 1");
  EXPECT_EQ(
      influx_latest_query({"Device", {}, at(0), {"a", "t"}, {"h.1", "h/2"}}),
      "SHOW FIELD KEYS FROM \"Device\"; SELECT \"a\", \"t\" FROM \"Device\" WHERE time >= "
      "1750000020000ms AND \"host\" =~ /^(h\\.1|h\\/2)$/ GROUP BY * ORDER BY time DESC LIMIT 1");
}

constexpr const char* two_series =
    R"({"results":[{"statement_id":0,"series":[
        {"name":"Device","tags":{"host":"h2","id":""},"columns":["time","a"],"values":[[1750000020000,1]]},
        {"name":"Device","tags":{"host":"h1"},"columns":["time","a"],
         "values":[[1750000020000,2.5],[1750000020001,null],[1750000020002,true]]}]}]})";

TEST(InfluxQuery, ReadsARange) {
  const auto series = parse_influx_range(two_series, {"Device", {"a", "none"}, {}, at(0), at(9)});
  ASSERT_TRUE(series) << series.error().message;
  ASSERT_EQ(series->size(), 2U);
  EXPECT_THAT((*series)[0].rows,
              ElementsAre(Row{at(0), {2.5, std::nullopt}}, Row{at(2), {1.0, std::nullopt}}));
  EXPECT_EQ((*series)[1].tags, (std::map<std::string, std::string>{{"host", "h2"}}));
}

TEST(InfluxQuery, AnAnswerThatLacksRowsIsTooLarge) {
  const RangeQuery query{"Device", {"a"}, {}, at(0), at(9)};
  const auto series = parse_influx_range(
      R"({"results":[{"statement_id":0,"series":[{"name":"Device","tags":{"host":"h1"},
          "columns":["time","a"],"values":[[1750000020000,1]],"partial":true}]}]})",
      query);
  ASSERT_FALSE(series);
  EXPECT_EQ(series.error().code, Errc::too_large);
  const auto more =
      parse_influx_range(R"({"results":[{"statement_id":0,"series":[],"partial":true}]})", query);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::too_large);
}

TEST(InfluxQuery, ReadsTheLatestWithTypes) {
  const auto points = parse_influx_points(
      R"({"results":[{"statement_id":0,"series":[{"columns":["fieldKey","fieldType"],
          "values":[["f","float"],["n","integer"],["t","string"]]}]},
         {"statement_id":1,"series":[{"tags":{"host":"h1"},"columns":["time","f","n","t","tag"],
          "values":[[1750000020000,5,5,"x","y"]]}]}]})",
      "Device");
  ASSERT_TRUE(points) << points.error().message;
  EXPECT_THAT(
      *points,
      ElementsAre(device("h1", 0, {{"f", 5.0}, {"n", std::int64_t{5}}, {"t", std::string{"x"}}})));
}

TEST(InfluxQuery, GarbageIsMalformedAndNeverACrash) {
  const RangeQuery range{"Device", {"a"}, {}, at(0), at(9)};
  for (const char* text :
       {"", "<html>hello</html>", "[]", "{}", R"({"results":7})", R"({"results":[]})",
        "{\"results\":", R"({"results":[{"series":[7]}]})",
        R"({"results":[{"series":[{"columns":["a"],"values":[[1]]}]}]})",
        R"({"results":[{"series":[{"columns":["time","a"],"values":[[1]]}]}]})",
        R"({"results":[{"series":[{"columns":["time","a"],"values":[["x",1]]}]}]})",
        R"({"results":[{"series":[{"columns":["time","a"],"values":[7]}]}]})",
        R"({"results":[{"series":[{"columns":["time","a"],"values":[[1.5,1]]}]}]})"}) {
    const auto series = parse_influx_range(text, range);
    ASSERT_FALSE(series) << text;
    EXPECT_EQ(series.error().code, Errc::malformed) << text;
    EXPECT_FALSE(parse_influx_points(text, "Device")) << text;
  }
  std::string cut = two_series;
  while (!cut.empty()) {
    cut.pop_back();
    EXPECT_FALSE(parse_influx_range(cut, range));
  }
  EXPECT_FALSE(parse_influx_range(std::string(100'000, '['), range));
}

TEST(InfluxQuery, ItsOwnErrorsAreToldInItsWords) {
  const auto failed = parse_influx_names(R"({"results":[{"error":"database not found: x"}]})");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), (Error{Errc::refused, "database not found: x"}));
  EXPECT_EQ(parse_influx_names(R"({"error":"no"})").error().message, "no");
  EXPECT_EQ(parse_influx_names(R"({"error":""})").error().message, "InfluxDB gives no reason");
  EXPECT_EQ(influx_error_text(R"({"error":"a\nb"})"), "a?b");
  EXPECT_EQ(influx_error_text(R"({"code":"x","message":"two"})"), "two");
  EXPECT_EQ(influx_error_text(" plain\n"), "plain");
  EXPECT_LE(influx_error_text(std::string(9999, 'x')).size(), 310U);
}

TEST(InfluxQuery, TellsBadPointsFromABadRequest) {
  const auto partial =
      parse_influx_partial(400, R"({"error":"partial write: field type conflict: ... dropped=2"})");
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->dropped, 2U);
  const auto unread =
      parse_influx_partial(400, R"({"error":"partial write: unable to parse 'x' dropped=0"})");
  ASSERT_TRUE(unread);
  EXPECT_EQ(unread->dropped, std::nullopt);
  EXPECT_TRUE(parse_influx_partial(422, R"({"message":"partial write: x dropped=1"})"));
  EXPECT_TRUE(parse_influx_partial(413, ""));
  EXPECT_FALSE(parse_influx_partial(400, R"({"error":"database is required"})"));
  EXPECT_FALSE(parse_influx_partial(400, "partial write"));
  EXPECT_FALSE(parse_influx_partial(500, R"({"error":"partial write"})"));
}

TEST(InfluxQuery, ReadsNames) {
  const auto names = parse_influx_names(
      R"({"results":[{"series":[{"columns":["name"],"values":[["_internal"],["a b"]]}]}]})");
  ASSERT_TRUE(names);
  EXPECT_THAT(*names, ElementsAre("_internal", "a b"));
}

}  // namespace
}  // namespace plimsoll
