#include "simulate/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "simulate/report_chart.h"
#include "simulate/scenario_outcome.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

BalancingRun run_of(const std::string& policy, double density = 0.5) {
  BalancingRun run;
  run.policy = policy;
  run.fleet = "day.csv";
  run.density = density;
  run.hosts = 2;
  run.workloads = 3;
  run.figures = {.over_100 = 0.2754,
                 .over_90 = 1.118,
                 .over_80 = 13.088,
                 .unserved = 0.0001,
                 .moves = 491,
                 .moved_gib = 12.25,
                 .spread = 9.5,
                 .decision_us = 42};
  for (int i = 0; i < 5; ++i) run.steps.push_back({1, 2, 10, 20, 30, 40, 120});
  return run;
}

TEST(Report, TheTableHasThreeDigitsThatSaySomething) {
  EXPECT_EQ(balancing_text({run_of("last-sample")}),
            "day.csv, density 0.5: 3 workloads on 2 hosts, 5 steps\n"
            "  policy       O100 %   O90 %   O80 %    US %      M      GiB s.d. %       µs\n"
            "  last-sample    .275    1.12    13.1   <.001    491     12.2    9.5     42.0\n");
}

TEST(Report, EachFleetAndDensityHasItsTable) {
  const auto text = balancing_text({run_of("none"), run_of("default"), run_of("none", 0.6)});
  EXPECT_THAT(text, HasSubstr("density 0.5"));
  EXPECT_THAT(text, HasSubstr("\n\nday.csv, density 0.6"));
  EXPECT_EQ(by_fleet({run_of("a"), run_of("b"), run_of("a", 0)}).size(), 2U);
}

TEST(Report, MemoryOverflowIsNotPassedOver) {
  auto run = run_of("none");
  run.figures.memory_over = 1.5;
  EXPECT_THAT(balancing_text({run}), HasSubstr("memory over 1.50 %"));
}

TEST(Report, JsonHasTheFiguresWithTheirUnits) {
  const auto json = boost::json::parse(balancing_json({run_of("default"), run_of("none", 0)}));
  const auto& runs = json.at("runs").as_array();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].at("policy").as_string(), "default");
  EXPECT_DOUBLE_EQ(runs[0].at("over_100_percent").to_number<double>(), 0.2754);
  EXPECT_EQ(runs[0].at("moves").to_number<int>(), 491);
  EXPECT_DOUBLE_EQ(runs[0].at("density").to_number<double>(), 0.5);
  EXPECT_TRUE(runs[1].at("density").is_null());
}

TEST(Report, ThePageStandsByItself) {
  const auto html = balancing_html({run_of("default 0.2"), run_of("default 0.8"), run_of("none")});
  EXPECT_THAT(html, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
  for (const auto* outside : {"src=", "href=", "@import", "url(", "<script"}) {
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  }
  // front, overload, moves, and a band chart a run
  std::size_t charts = 0;
  for (auto at = html.find("<svg"); at != std::string::npos; at = html.find("<svg", at + 1))
    ++charts;
  EXPECT_EQ(charts, 6U);
  EXPECT_EQ(html, balancing_html({run_of("default 0.2"), run_of("default 0.8"), run_of("none")}));
}

TEST(Report, NamesFromOutsideCannotBreakThePage) {
  auto run = run_of("none");
  run.fleet = "<script>alert('x')</script>&.csv";
  const auto html = balancing_html({run});
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;.csv"));
}

TEST(Report, TheFrontJoinsTheSettingsOfOnePolicy) {
  const auto svg = front_svg({run_of("default 0.2"), run_of("default 0.8"), run_of("none")});
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns="));
  EXPECT_THAT(svg, HasSubstr("<title>0.2</title>"));
  std::size_t lines = 0;
  for (auto at = svg.find("<polyline"); at != std::string::npos;
       at = svg.find("<polyline", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 2U);
}

TEST(ReportChart, PointsStandWhereTheyBelong) {
  const Chart chart{.title = "t",
                    .x_axis = "x",
                    .y_axis = "y",
                    .bands = {},
                    .series = {{.name = "s", .points = {{0, 0}, {10, 5}}, .labels = {}}},
                    .lines = {}};
  // The frame is from 58 to 704 and from 250 up to 30.
  EXPECT_THAT(chart_svg(chart), HasSubstr("points='58.0,250.0 704.0,30.0 '"));
}

TEST(ScenarioPage, TellsTheStoryAndWhatCameOfIt) {
  ScenarioOutcome outcome;
  outcome.file = "spike.toml";
  outcome.story = "A shop <b>\nis full.";
  ScenarioMove move;
  move.container = ContainerName{"web"};
  move.from = HostId{"h1"};
  move.to = HostId{"h2"};
  move.reason = "h1 is over its line";
  outcome.moves.push_back(move);
  outcome.hosts.push_back({"h1", {{Duration{0}, 1.2}, {Duration{60'000}, 0.8}}, {}});
  outcome.failures.push_back({12, "no move", "1 move"});
  const std::string page = scenarios_html({outcome});
  for (const char* part : {"spike.toml", "A shop &lt;b&gt; is full.", "line 12: wanted no move",
                           "h1 → h2", "h1 is over its line", "<svg", "</html>"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(page.find("http"), page.find("http://www.w3.org")) << "nothing is loaded";
}

}  // namespace
}  // namespace plimsoll
