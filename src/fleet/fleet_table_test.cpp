#include "fleet/fleet_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/text.h"
#include "support/golden.h"
#include "support/sample_fleet.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) lines.emplace_back(line);
  lines.pop_back();
  return lines;
}

std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

FleetView big_fleet(int hosts) {
  auto view = test::sample_fleet();
  for (int i = 0; i < hosts; ++i) {
    view.rows.push_back(view.rows[1]);
    view.rows.back().name = HostId{"more-" + std::to_string(i)};
  }
  return view;
}

TEST(FleetTable, LooksAsItShould) {
  const std::string table = render_fleet_table(test::sample_fleet(), {80, 24, false, true});
  EXPECT_EQ(table, test::golden_for("fleet/top.txt", table));
}

TEST(FleetTable, HasColoursWhereTheyAreWanted) {
  const std::string table = render_fleet_table(test::sample_fleet(), {80, 24, true, true});
  EXPECT_EQ(table, test::golden_for("fleet/top_colour.txt", table));
}

TEST(FleetTable, PlainAsciiWhereNothingElseCanBeShown) {
  const std::string table = render_fleet_table(test::sample_fleet(), {80, 24, false, false});
  EXPECT_TRUE(std::all_of(table.begin(), table.end(),
                          [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST(FleetTable, NeverPassesTheTerminal) {
  for (const std::size_t width : {20U, 40U, 80U, 200U}) {
    for (const std::size_t height : {3U, 5U, 24U}) {
      const auto lines = lines_of(render_fleet_table(big_fleet(40), {width, height, false, true}));
      EXPECT_LE(lines.size(), height);
      for (const auto& line : lines) EXPECT_LE(columns_of(line), width) << line;
    }
  }
}

TEST(FleetTable, TheWorstAreShownWhereNotAllFit) {
  auto view = big_fleet(40);
  std::reverse(view.rows.begin(), view.rows.end());
  const std::string table = render_fleet_table(view, {80, 10, false, true});
  EXPECT_THAT(table, HasSubstr("edge-01"));
  EXPECT_THAT(table, HasSubstr("more"));
}

TEST(FleetTable, ASilentHostSaysWhy) {
  const std::string table = render_fleet_table(test::sample_fleet(), {120, 0, false, true});
  EXPECT_THAT(table, HasSubstr("silent for 1 min 35 s: 10.77.0.13:5002: cannot connect"));
}

TEST(FleetTable, NamesCannotMoveTheCursor) {
  auto view = test::sample_fleet();
  view.rows[0].name = HostId{"evil\x1b[2J"};
  view.rows[0].containers[0].name = "worse\x1b]0;x\x07";
  EXPECT_THAT(render_fleet_table(view, {80, 24, false, true}), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace plimsoll
