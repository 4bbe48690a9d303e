#include "top/top_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/tiny_terminal.h"
#include "support/top_fleet.h"
#include "top/help.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string picture(const Frame& frame) {
  std::string text;
  for (std::size_t row = 0; row < frame.size().rows; ++row) text += frame.row_text(row) + '\n';
  return text;
}

TopState state_of(TopScreen screen, const std::string& host = {}) {
  TopState state;
  state.screen = screen;
  state.host = host;
  return state;
}

struct Case {
  std::string name;
  TopState state;
  ScreenSize size;
  bool unicode = true;
};

class TopPictures : public testing::TestWithParam<Case> {};

TEST_P(TopPictures, LookAsTheyShould) {
  const auto& tested = GetParam();
  const Frame frame = draw_top(tested.state, test::top_sample(), tested.size, tested.unicode);
  const std::string shown = picture(frame);
  EXPECT_EQ(shown, test::golden_for("top/" + tested.name + ".txt", shown));
}

std::vector<Case> cases() {
  TopState typing;
  typing.typing = true;
  typing.host_filter = "!edge";
  TopState help;
  help.help = true;
  return {{"hosts_80x24", {}, {80, 24}},
          {"hosts_40x10", {}, {40, 10}},
          {"hosts_160x20", {}, {160, 20}},
          {"hosts_ascii", {}, {80, 24}, false},
          {"host_80x24", state_of(TopScreen::host, "edge-01"), {80, 24}},
          {"host_40x10", state_of(TopScreen::host, "edge-01"), {40, 10}},
          {"host_silent", state_of(TopScreen::host, "edge-03"), {80, 24}},
          {"host_gone", state_of(TopScreen::host, "nobody"), {80, 12}},
          {"containers_100x16", state_of(TopScreen::containers), {100, 16}},
          {"filter", typing, {80, 12}},
          {"help_80x30", help, {80, 30}},
          {"help_40x10", help, {40, 10}}};
}

INSTANTIATE_TEST_SUITE_P(Top, TopPictures, testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.name; });

TEST(TopView, ColoursSayWhatSignsSay) {
  const Frame frame = draw_top({}, test::top_sample(), {80, 16}, true);
  const std::string shown = test::styles_of(frame);
  EXPECT_EQ(shown, test::golden_for("top/styles_80x16.txt", shown));
}

TEST(TopView, FitsEverySize) {
  const TopData data = test::big_top_sample(30);
  std::vector<TopState> states;
  for (const auto& tested : cases()) states.push_back(tested.state);
  for (const auto& state : states) {
    for (std::size_t columns = 0; columns < 130; columns += columns < 50 ? 1 : 9) {
      for (const std::size_t rows : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 10U, 16U, 24U}) {
        const Frame frame = draw_top(state, data, {columns, rows}, true);
        ASSERT_EQ(frame.size(), (ScreenSize{columns, rows}));
      }
    }
  }
}

TEST(TopView, NoNameReachesTheTerminalAsACommand) {
  for (const auto& tested : cases()) {
    const Frame frame = draw_top(tested.state, test::top_sample(), {120, 30}, true);
    const std::string text = test::text_of(frame);
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, Not(HasSubstr("\u009b")));
    EXPECT_THAT(text, Not(HasSubstr("\x07")));
  }
}

TEST(TopView, AsciiIsAsciiAlone) {
  for (const auto& tested : cases()) {
    const std::string text =
        test::text_of(draw_top(tested.state, test::top_sample(), {120, 30}, false));
    EXPECT_TRUE(std::all_of(text.begin(), text.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
}

TEST(TopView, ColumnsStandBelowEachOtherWhateverTheNames) {
  const Frame frame = draw_top({}, test::top_sample(), {80, 24}, true);
  std::vector<std::size_t> marks;
  for (std::size_t row = 2; row < 20; ++row) {
    for (std::size_t i = 0; i < 80; ++i) {
      if (frame.at(i, row).text() == "│") marks.push_back(i);
    }
  }
  EXPECT_EQ(marks.size(), 5U);
  EXPECT_THAT(marks, testing::Each(marks.front()));
}

TEST(TopView, HelpFitsANarrowScreen) {
  for (const auto& line : help_lines(40)) EXPECT_LE(columns_of(line), 39U) << line;
}

TEST(TopView, ATroubleIsToldAndTheLastPictureStays) {
  TopData data = test::top_sample();
  data.trouble = "influxdb http://127.0.0.1:8086: cannot connect";
  const std::string shown = picture(draw_top({}, data, {80, 24}, true));
  EXPECT_THAT(shown, HasSubstr("! influxdb http://127.0.0.1:8086: cannot connect"));
  EXPECT_THAT(shown, HasSubstr("edge-01"));
}

TEST(TopView, BeforeTheFirstPictureItSaysSo) {
  EXPECT_THAT(picture(draw_top({}, TopData{}, {80, 24}, true)), HasSubstr("reading the store"));
}

TEST(TopView, ThePastAndAPauseAreMarked) {
  TopData data = test::top_sample();
  data.live = false;
  TopState state;
  state.paused = true;
  const std::string shown = picture(draw_top(state, data, {100, 24}, true));
  EXPECT_THAT(shown, HasSubstr("2026-11-22 12:00:05 UTC"));
  EXPECT_THAT(shown, HasSubstr("PAST  PAUSED"));
}

TEST(TopView, MovesThatDoNotFitAreCounted) {
  TopData data = test::top_sample();
  data.moves.assign(30, data.moves.front());
  EXPECT_THAT(picture(draw_top({}, data, {80, 24}, true)), HasSubstr("30 under way  +24"));
}

TEST(TopView, AnEndedMoveSaysHowItEnded) {
  TopData data = test::top_sample();
  data.moves = {test::sample_move("web", MoveLine::Stage::succeeded),
                test::sample_move("db", MoveLine::Stage::failed)};
  data.moves[0].downtime_s = 0.94;
  data.moves[1].error = "no space left on edge-02";
  const std::string shown = picture(draw_top({}, data, {120, 24}, true));
  EXPECT_THAT(shown, HasSubstr("12 s, stopped 0.9 s"));
  EXPECT_THAT(shown, HasSubstr("no space left on edge-02"));
}

}  // namespace
}  // namespace plimsoll
