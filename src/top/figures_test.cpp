#include "top/figures.h"

#include <gtest/gtest.h>

#include "support/tiny_terminal.h"
#include "support/top_fleet.h"
#include "top/load_bar.h"

namespace plimsoll {
namespace {

TEST(Figures, DurationsHaveOneUnit) {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  EXPECT_EQ(short_duration(Duration{-5}), "0 s");
  EXPECT_EQ(short_duration(seconds{99}), "99 s");
  EXPECT_EQ(short_duration(seconds{100}), "1 min");
  EXPECT_EQ(short_duration(minutes{99}), "99 min");
  EXPECT_EQ(short_duration(minutes{100}), "1 h");
  EXPECT_EQ(short_duration(hours{47}), "47 h");
  EXPECT_EQ(short_duration(hours{50}), "2 d");
}

TEST(Figures, EveryHostHasAWord) {
  const auto rows = test::top_sample().view.rows;
  EXPECT_EQ(state_word(rows[0]), "over");
  EXPECT_EQ(state_word(rows[1]), "ok");
  EXPECT_EQ(state_word(rows[2]), "silent");
  EXPECT_EQ(state_word(rows[3]), "near");
  EXPECT_EQ(state_word(rows[6]), "never");
}

TEST(Figures, SilenceSaysSinceWhenAndWhy) {
  const auto rows = test::top_sample().view.rows;
  EXPECT_EQ(silence_text(rows[2]),
            "silent 95 s  connect: 10.77.0.13:5002: cannot connect: Connection refused");
  EXPECT_EQ(silence_text(rows[6]), "never seen  not polled yet: is plimsoll monitor running?");
}

TEST(Figures, HostsAreCounted) {
  const HostCounts counts = count_hosts(test::top_sample().view);
  EXPECT_EQ(counts.all, 7U);
  EXPECT_EQ(counts.up, 5U);
  EXPECT_EQ(counts.over, 1U);
  EXPECT_EQ(counts.silent, 2U);
}

std::string bar(LoadBar load, bool unicode = true) {
  Frame frame{{12, 1}, unicode};
  draw_bar(frame, 0, 0, 12, load);
  return frame.row_text(0);
}

TEST(LoadBars, FillInEighthsAndMarkTheLine) {
  EXPECT_EQ(bar({0, 0.5}), "······│·····");
  EXPECT_EQ(bar({1, 0.5}), "██████│█████");
  EXPECT_EQ(bar({0.25 + 3.0 / 96, 0.5}), "███▍··│·····");
  EXPECT_EQ(bar({1, 1}), "███████████│");
  EXPECT_EQ(bar({0.3, 0.5}, false), "####..|.....");
}

TEST(LoadBars, AnyFigureFits) {
  EXPECT_EQ(bar({7, 0.5}), bar({1, 0.5}));
  EXPECT_EQ(bar({-7, 0.5}), bar({0, 0.5}));
  EXPECT_EQ(bar({std::numeric_limits<double>::quiet_NaN(), 0.5}), bar({0, 0.5}));
}

TEST(LoadBars, TheMarkStandsOnTheColourThatCoversIt) {
  Frame frame{{12, 1}};
  draw_bar(frame, 0, 0, 12, {1, 0.5, Colour::over});
  EXPECT_EQ(frame.at(6, 0).style.paper, Colour::over);
  draw_bar(frame, 0, 0, 12, {0.2, 0.5, Colour::over});
  EXPECT_EQ(frame.at(6, 0).style.paper, Colour::track);
}

}  // namespace
}  // namespace plimsoll
