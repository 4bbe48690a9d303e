#include "terminal/frame_update.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "support/tiny_terminal.h"

namespace plimsoll {
namespace {

using test::TinyTerminal;

constexpr ScreenSize size{12, 3};

Frame with(std::string_view text, Style style = {}) {
  Frame frame{size};
  frame.put(0, 1, text, style, size.columns);
  return frame;
}

std::string change(const Frame& from, const Frame& to) {
  return update(from, to, ColourDepth::many);
}

TEST(FrameUpdate, NothingIsSentWhereNothingChanged) {
  EXPECT_EQ(change(with("same", {Colour::over}), with("same", {Colour::over})), "");
}

TEST(FrameUpdate, OnlyChangedCellsAreSent) {
  EXPECT_EQ(change(with("cpu 10 %"), with("cpu 90 %")), "\x1b[2;5H9");
}

TEST(FrameUpdate, PassesOverAFewThatStandThere) {
  EXPECT_EQ(change(with("abcdef"), with("Xbcdef")), "\x1b[2;1HX");
  EXPECT_EQ(change(with("abcdef"), with("XbcYef")), "\x1b[2;1HXbcY");
  EXPECT_EQ(change(with("abcdefghi"), with("XbcdefghY")), "\x1b[2;1HX\x1b[7CY");
}

TEST(FrameUpdate, AnEmptyEndIsErasedAsAWhole) {
  EXPECT_EQ(change(with("ab cdefgh"), with("ab")), "\x1b[2;4H\x1b[K");
}

TEST(FrameUpdate, StylesAreSetOnceAndTakenBack) {
  EXPECT_EQ(change(with(""), with("ab", {Colour::over})), "\x1b[2;1H\x1b[0;38;5;203mab\x1b[0m");
}

TEST(FrameUpdate, ColoursFollowTheTerminal) {
  const Style style{Colour::near, Colour::calm, true};
  EXPECT_EQ(update(with(""), with("a", style), ColourDepth::sixteen),
            "\x1b[2;1H\x1b[0;1;33;46ma\x1b[0m");
  EXPECT_EQ(update(with(""), with("a", style), ColourDepth::none), "\x1b[2;1H\x1b[0;1ma\x1b[0m");
}

TEST(FrameUpdate, AfterAnUncertainWidthThePlaceIsGiven) {
  EXPECT_EQ(change(with(""), with("数a")), "\x1b[2;1H数\x1b[2;3Ha");
  EXPECT_EQ(change(with(""), with("█│a")), "\x1b[2;1H█│a");
}

class RandomFrames {
 public:
  explicit RandomFrames(unsigned seed) : random_(seed) {}
  Frame next() {
    Frame frame{size};
    for (int i = 0; i < 6; ++i) {
      const std::array<std::string_view, 5> texts{"web", "数据", "  ", "█▌", "é"};
      const Style style{static_cast<Colour>(below(colour_count)), Colour::plain, below(2) == 1};
      frame.put(below(size.columns), below(size.rows), texts.at(below(texts.size())), style, 9);
    }
    return frame;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::mt19937_64 random_;
};

TEST(FrameUpdate, ATerminalThatFollowsShowsWhatIsWanted) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomFrames frames{seed};
    TinyTerminal terminal{size};
    Frame shown = frames.next();
    terminal.write(repaint(shown, ColourDepth::many));
    ASSERT_EQ(terminal.text(), test::text_of(shown)) << "seed " << seed;
    for (int i = 0; i < 20; ++i) {
      Frame wanted = frames.next();
      terminal.write(change(shown, wanted));
      ASSERT_EQ(terminal.text(), test::text_of(wanted)) << "seed " << seed << " step " << i;
      ASSERT_EQ(terminal.styles(), test::styles_of(wanted)) << "seed " << seed << " step " << i;
      shown = std::move(wanted);
    }
  }
}

TEST(FrameUpdate, ATerminalThatThinksWideGlyphsNarrowKeepsItsColumns) {
  TinyTerminal terminal{size};
  terminal.wide_glyphs_are_narrow();
  terminal.write(repaint(with("数据 a|b"), ColourDepth::many));
  EXPECT_EQ(terminal.row(1), "# #  a|b    ");
}

}  // namespace
}  // namespace plimsoll
