#include "top/top_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/top_fleet.h"

namespace plimsoll {
namespace {

using Name = Key::Name;

/// Somebody in front of `plimsoll top`.
struct User {
  TopData data = test::top_sample();
  TopState state;
  ScreenSize size{80, 24};
  TopAction last = TopAction::draw;

  User& press(Name name) {
    last = plimsoll::press(state, Key{name}, data, size);
    return *this;
  }
  User& type(std::string_view text) {
    for (const char c : text) {
      last = plimsoll::press(state, Key{Name::text, std::string(1, c)}, data, size);
    }
    return *this;
  }
  User& control(const char* letter) {
    last = plimsoll::press(state, Key{Name::control, letter}, data, size);
    return *this;
  }
  [[nodiscard]] ListWindow window() const {
    return window_of(state, data, rows_of(state, data), 5);
  }
  [[nodiscard]] std::string chosen() const {
    const TopRows rows = rows_of(state, data);
    const std::size_t at = window().chosen;
    if (state.shows_hosts()) return data.view.rows[rows.hosts[at]].name.str();
    const ContainerPlace place = rows.containers[at];
    return data.view.rows[place.host].containers[place.container].name;
  }
};

TEST(TopKeys, TheCursorWalksAndStopsAtTheEnds) {
  User user;
  EXPECT_EQ(user.chosen(), "edge-01");
  EXPECT_EQ(user.press(Name::up).chosen(), "edge-01");
  EXPECT_EQ(user.press(Name::down).chosen(), "edge-03");
  EXPECT_EQ(user.type("j").chosen(), "edge-09");
  EXPECT_EQ(user.type("kk").chosen(), "edge-01");
  EXPECT_EQ(user.type("G").chosen(), "evil\x1b[2J\u009b1A");
  EXPECT_EQ(user.type("j").chosen(), "evil\x1b[2J\u009b1A");
  EXPECT_EQ(user.press(Name::home).chosen(), "edge-01");
}

TEST(TopKeys, PagesAreAsLongAsTheList) {
  User user;
  user.data = test::big_top_sample(1'000);
  user.press(Name::page_down);
  // 24 rows less title, heading, footer and moves (3) leave 18; a page keeps one of them.
  EXPECT_EQ(user.window().chosen, 17U);
  EXPECT_EQ(user.press(Name::page_down).window().chosen, 34U);
  EXPECT_EQ(user.press(Name::page_up).window().chosen, 17U);
  EXPECT_EQ(user.press(Name::end).window().chosen, user.data.view.rows.size() - 1);
  EXPECT_EQ(user.press(Name::page_up).window().chosen, user.data.view.rows.size() - 18);
}

TEST(TopKeys, WhatIsChosenStaysChosenWhileRowsMove) {
  User user;
  user.type("jjj");
  const std::string chosen = user.chosen();
  std::reverse(user.data.view.rows.begin(), user.data.view.rows.end());
  for (auto& row : user.data.view.rows) row.assessed.level = 0.2;
  EXPECT_EQ(user.chosen(), chosen);
}

TEST(TopKeys, TheFirstRowStaysTheFirstWhateverHostItIs) {
  User user;
  user.type("jk");
  user.data.view.rows[3].assessed.level = 1.4;
  EXPECT_EQ(user.chosen(), "edge-10");
}

TEST(TopKeys, AChosenHostThatIsGoneLeavesTheFirst) {
  User user;
  user.type("jj");
  std::erase_if(user.data.view.rows, [](const auto& row) { return row.name.str() == "edge-09"; });
  EXPECT_EQ(user.chosen(), "edge-01");
}

TEST(TopKeys, EnterOpensAHostAndEscLeadsBack) {
  User user;
  user.press(Name::enter);
  EXPECT_EQ(user.state.screen, TopScreen::host);
  EXPECT_EQ(user.state.host, "edge-01");
  EXPECT_EQ(user.chosen(), "web");
  EXPECT_EQ(user.type("j").chosen(), "db");
  user.press(Name::escape);
  EXPECT_EQ(user.state.screen, TopScreen::hosts);
}

TEST(TopKeys, TabGoesThroughTheHostsInTheirOrder) {
  User user;
  user.press(Name::enter).press(Name::tab);
  EXPECT_EQ(user.state.host, "edge-03");
  user.press(Name::back_tab).press(Name::back_tab);
  EXPECT_EQ(user.state.host, "evil\x1b[2J\u009b1A");
  EXPECT_EQ(user.press(Name::escape).chosen(), "evil\x1b[2J\u009b1A");
}

TEST(TopKeys, ContainersOfAllHostsLeadToTheirHost) {
  User user;
  user.type("c");
  EXPECT_EQ(user.state.screen, TopScreen::containers);
  EXPECT_EQ(rows_of(user.state, user.data).size(), 3U);
  EXPECT_EQ(user.chosen(), "web");
  user.type("j").press(Name::enter);
  EXPECT_EQ(user.state.host, "evil\x1b[2J\u009b1A");
  user.press(Name::escape);
  EXPECT_EQ(user.state.screen, TopScreen::containers);
  EXPECT_EQ(user.type("c").state.screen, TopScreen::hosts);
}

TEST(TopKeys, SortingIsChosenAndReversed) {
  User user;
  EXPECT_EQ(user.type("N").chosen(), "edge-01");
  EXPECT_EQ(user.type("N").chosen(), "数据库-主");
  EXPECT_EQ(user.type("C").chosen(), "edge-01");
  EXPECT_EQ(user.type("r").chosen(), "evil\x1b[2J\u009b1A");
  EXPECT_EQ(user.type("s").state.host_sorting.key, SortKey::memory);
  EXPECT_FALSE(user.state.host_sorting.reversed);
  EXPECT_EQ(user.type("sss").state.host_sorting.key, SortKey::level);
}

TEST(TopKeys, ContainersHaveASortingOfTheirOwn) {
  User user;
  user.press(Name::enter).type("N");
  EXPECT_EQ(user.chosen(), "db");
  EXPECT_EQ(user.type("L").chosen(), "db");
  EXPECT_EQ(user.type("s").state.container_sorting.key, SortKey::cpu);
  EXPECT_EQ(user.state.host_sorting.key, SortKey::level);
}

TEST(TopKeys, AFilterIsTypedKeptAndCleared) {
  User user;
  user.type("/edge-1");
  EXPECT_EQ(rows_of(user.state, user.data).size(), 1U);
  EXPECT_EQ(user.press(Name::backspace).state.host_filter, "edge-");
  user.press(Name::enter).type("j");
  EXPECT_FALSE(user.state.typing);
  EXPECT_EQ(user.chosen(), "edge-03");
  user.press(Name::escape);
  EXPECT_EQ(user.state.host_filter, "");
  EXPECT_EQ(rows_of(user.state, user.data).size(), user.data.view.rows.size());
}

TEST(TopKeys, WhileTypingLettersAreLetters) {
  User user;
  user.type("/qsp?");
  EXPECT_EQ(user.state.host_filter, "qsp?");
  EXPECT_EQ(user.last, TopAction::draw);
  EXPECT_FALSE(user.state.paused);
  user.press(Name::escape);
  EXPECT_FALSE(user.state.typing);
  EXPECT_EQ(user.state.host_filter, "");
}

TEST(TopKeys, BackspaceTakesAWholeCharacterAndEndsTheTypingAtLast) {
  User user;
  user.type("/");
  user.last = press(user.state, Key{Name::text, "数"}, user.data, user.size);
  EXPECT_EQ(user.press(Name::backspace).state.host_filter, "");
  EXPECT_TRUE(user.state.typing);
  EXPECT_FALSE(user.press(Name::backspace).state.typing);
}

TEST(TopKeys, AFilterHasABound) {
  User user;
  user.type("/" + std::string(5'000, 'a'));
  EXPECT_EQ(user.state.host_filter.size(), 200U);
  EXPECT_EQ(user.control("u").state.host_filter, "");
}

TEST(TopKeys, FaultsPauseAndHelpAreSwitches) {
  User user;
  EXPECT_EQ(rows_of(user.type("f").state, user.data).size(), 4U);
  EXPECT_FALSE(user.press(Name::escape).state.only_needing_a_look);
  EXPECT_TRUE(user.type("p").state.paused);
  EXPECT_FALSE(user.type(" ").state.paused);
  EXPECT_TRUE(user.type("?").state.help);
  EXPECT_FALSE(user.press(Name::escape).state.help);
}

TEST(TopKeys, HelpScrollsWhereItDoesNotFit) {
  User user;
  user.size = {40, 10};
  user.type("?j");
  EXPECT_EQ(user.state.help_top, 1U);
  user.press(Name::page_down).press(Name::page_down).press(Name::page_down).press(Name::page_down);
  const auto end = user.state.help_top;
  EXPECT_EQ(user.type("j").state.help_top, end);
  EXPECT_EQ(user.type("k").state.help_top, end - 1);
}

TEST(TopKeys, QuitAndRepaint) {
  User user;
  EXPECT_EQ(user.type("q").last, TopAction::quit);
  EXPECT_EQ(user.control("c").last, TopAction::quit);
  EXPECT_EQ(user.control("l").last, TopAction::repaint);
  EXPECT_EQ(user.press(Name::other).last, TopAction::draw);
  EXPECT_EQ(user.type("?q").last, TopAction::quit);
}

TEST(TopKeys, NothingBreaksInAnEmptyFleet) {
  User user;
  user.data = TopData{};
  for (const Name name : {Name::down, Name::up, Name::page_down, Name::end, Name::enter, Name::tab,
                          Name::escape, Name::left}) {
    EXPECT_EQ(user.press(name).last, TopAction::draw);
  }
  user.type("csNrfc");
  EXPECT_EQ(user.state.screen, TopScreen::hosts);
}

}  // namespace
}  // namespace plimsoll
