#include "store/victoria_query.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/http.h"
#include "store/store_conformance.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST(VictoriaQuery, EscapesWhatItPutsIntoASelector) {
  const auto request =
      victoria_export_request("a \"b\" & co", "Device", {"x.y", "z"},
                              {{{"host", "q\"\\"}, {"odd key", "v"}}}, {}, at(0), at(5));
  EXPECT_EQ(request.path, "/api/v1/export");
  const auto match =
      percent_encode(R"q({__name__=~"Device_(x[.]y|z)",db="a \"b\" & co",host="q\"\\"})q");
  EXPECT_EQ(request.form, "nocache=1&start=1750000020.0003&end=1750000020.0053&match[]=" + match);
}

TEST(VictoriaQuery, AWindowEndsAMillisecondBeforeTheNextStep) {
  AggregateQuery query{"Device",         {"a"}, {}, at(0), at(30'000), Duration{10'000},
                       Duration{20'000}, {}};
  const auto request = victoria_aggregate_request("db", query);
  EXPECT_EQ(request.path, "/api/v1/query_range");
  EXPECT_THAT(request.form, HasSubstr("step=10000ms&start=1750000029.9993&end=1750000049.9993&"));
  EXPECT_THAT(request.form, HasSubstr(percent_encode("[20000ms]) keep_metric_names")));
}

TEST(VictoriaQuery, ReadsTheCatalogue) {
  const auto catalogue = parse_victoria_catalogue(
      R"({"status":"success","data":[
        {"__name__":"plimsoll_field","db":"d","measurement":"Device","field":"a","type":"integer"},
        {"__name__":"plimsoll_field","db":"d","measurement":"Device","field":"b","type":"strange"},
        {"__name__":"plimsoll_field","db":"d"}]})");
  ASSERT_TRUE(catalogue) << catalogue.error().message;
  EXPECT_THAT(catalogue->measurements(), ElementsAre("Device"));
  EXPECT_EQ(catalogue->types("Device"),
            (std::map<std::string, FieldType>{{"a", FieldType::integer}}));
}

constexpr const char* exported =
    "{\"metric\":{\"__name__\":\"Device_a\",\"db\":\"d\",\"host\":\"h1\"},\"values\":[1,null,3],"
    "\"timestamps\":[1750000020000,1750000020001,1750000020002]}\n"
    "{\"metric\":{\"__name__\":\"Device_info\",\"db\":\"d\",\"host\":\"h1\",\"os\":\"x\",\"texts\":"
    "\"os,no\"},"
    "\"values\":[1],\"timestamps\":[1750000020002]}\n"
    "{\"metric\":{\"__name__\":\"Other_a\",\"db\":\"d\"},\"values\":[1],\"timestamps\":[1]}\n";

TEST(VictoriaQuery, ReadsRawSamples) {
  const auto samples = parse_victoria_export(exported, "Device");
  ASSERT_TRUE(samples) << samples.error().message;
  ASSERT_THAT(*samples, SizeIs(2));
  EXPECT_EQ((*samples)[0].field, "a");
  EXPECT_THAT((*samples)[0].values, ElementsAre(std::pair{at(0), 1.0}, std::pair{at(2), 3.0}));
  EXPECT_EQ((*samples)[1].texts, (TagMap{{"os", "x"}, {"no", ""}}));
  const auto points = points_of_samples(*samples, {{"a", FieldType::integer}},
                                        {"Device", {{"host", "h1"}}, at(1), at(9)});
  EXPECT_THAT(
      points,
      ElementsAre(device(
          "h1", 2, {{"a", std::int64_t{3}}, {"no", std::string{}}, {"os", std::string{"x"}}})));
}

TEST(VictoriaQuery, GarbageIsMalformedAndNeverACrash) {
  const AggregateQuery query{"Device", {"a"}, {}, at(0), at(1), Duration{1}, Duration{1}, {}};
  for (const char* text :
       {"", "<html>", "[]", "7", R"({"status":"success"})", R"({"status":"success","data":7})",
        R"({"status":"success","data":{"result":7}})",
        R"({"status":"success","data":{"result":[7]}})",
        R"({"status":"success","data":{"result":[{"metric":{"__name__":"Device_info"}}]}})"}) {
    EXPECT_FALSE(parse_victoria_last(text, "Device")) << text;
  }
  for (const char* values : {"7", "[7]", "[[1]]", R"([["x","1"]])"}) {
    const auto text = fmt::format(
        R"({{"status":"success","data":{{"result":[{{"metric":{{"__name__":"Device_a"}},"values":{}}}]}}}})",
        values);
    const auto answer = parse_victoria_aggregate(text, query);
    ASSERT_FALSE(answer) << text;
    EXPECT_EQ(answer.error().code, Errc::malformed);
  }
  for (const char* line :
       {"x", "{}", R"({"metric":{}})", R"({"metric":{},"values":[1],"timestamps":[]})",
        R"({"metric":{},"values":[1],"timestamps":["x"]})"}) {
    const auto samples = parse_victoria_export(line, "Device");
    ASSERT_FALSE(samples) << line;
    EXPECT_EQ(samples.error().code, Errc::malformed);
  }
  std::string cut{exported};
  cut.resize(cut.find('\n'));
  while (!cut.empty()) {
    cut.pop_back();
    EXPECT_EQ(parse_victoria_export(cut, "Device").has_value(), cut.empty());
  }
}

TEST(VictoriaQuery, ItsOwnErrorsAreToldInItsWords) {
  const auto failed = parse_victoria_last(
      R"({"status":"error","errorType":"422","error":"too many\nseries"})", "Device");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), (Error{Errc::refused, "too many?series"}));
  EXPECT_LE(victoria_error_text(std::string(9999, 'x')).size(), 310U);
}

}  // namespace
}  // namespace plimsoll
