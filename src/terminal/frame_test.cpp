#include "terminal/frame.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(Frame, HoldsWhatWasPut) {
  Frame frame{{10, 2}};
  EXPECT_EQ(frame.put(2, 1, "web", {Colour::over}, 10), 3U);
  EXPECT_EQ(frame.row_text(0), "");
  EXPECT_EQ(frame.row_text(1), "  web");
  EXPECT_EQ(frame.at(2, 1).style.ink, Colour::over);
  EXPECT_EQ(frame.at(5, 1).style, Style{});
}

TEST(Frame, NothingLeavesIt) {
  Frame frame{{4, 2}};
  EXPECT_EQ(frame.put(2, 0, "long", {}, 10), 2U);
  EXPECT_EQ(frame.put(4, 0, "x", {}, 10), 0U);
  EXPECT_EQ(frame.put(0, 2, "x", {}, 10), 0U);
  EXPECT_EQ(frame.row_text(0), "  lo");
  EXPECT_EQ(frame.row_text(1), "");
}

TEST(Frame, AWideGlyphIsNotCutInTwo) {
  Frame frame{{4, 1}};
  EXPECT_EQ(frame.put(0, 0, "数据库", {}, 3), 2U);
  EXPECT_EQ(frame.put(3, 0, "库", {}, 9), 0U);
  EXPECT_EQ(frame.row_text(0), "数");
  EXPECT_EQ(frame.at(1, 0).size, 0);
}

TEST(Frame, OfAnOverwrittenWideGlyphNoHalfRemains) {
  Frame left{{4, 1}};
  left.put(0, 0, "数据", {}, 4);
  left.put(0, 0, "a", {}, 4);
  EXPECT_EQ(left.row_text(0), "a 据");
  Frame right{{4, 1}};
  right.put(0, 0, "数据", {}, 4);
  right.put(1, 0, "库", {}, 4);
  EXPECT_EQ(right.row_text(0), " 库");
}

TEST(Frame, WithoutUnicodeOtherGlyphsAreQuestionMarks) {
  Frame frame{{8, 1}, false};
  frame.put(0, 0, "é数x", {}, 8);
  EXPECT_EQ(frame.row_text(0), "??x");
}

TEST(Frame, ShadeChangesThePaperAlone) {
  Frame frame{{4, 1}};
  frame.put(0, 0, "ab", {Colour::over}, 4);
  frame.shade(1, 0, 9, Colour::cursor);
  EXPECT_EQ(frame.at(0, 0).style.paper, Colour::plain);
  EXPECT_EQ(frame.at(1, 0).style, (Style{Colour::over, Colour::cursor}));
  EXPECT_EQ(frame.row_text(0), "ab");
}

TEST(Pen, FieldsAlignAndAreCut) {
  Frame frame{{24, 1}};
  Pen{frame, 0}
      .field("a", 3, Align::left)
      .field("b", 3, Align::right)
      .field("longer", 4, Align::left)
      .field("数据库", 4, Align::left)
      .text("|");
  EXPECT_EQ(frame.row_text(0), "a    blon…数… |");
}

TEST(Pen, StopsAtItsEnd) {
  Frame frame{{10, 1}};
  Pen pen{frame, 0, 2, 6};
  pen.text("abcdefgh");
  EXPECT_EQ(pen.room(), 0U);
  pen.field("x", 3, Align::left).skip(5);
  EXPECT_EQ(pen.column(), 6U);
  EXPECT_EQ(frame.row_text(0), "  abcd");
}

TEST(Pen, CutsWithATildeWhereThereIsOnlyAscii) {
  Frame frame{{10, 1}, false};
  Pen{frame, 0}.field("abcdef", 4, Align::left);
  EXPECT_EQ(frame.row_text(0), "abc~");
}

}  // namespace
}  // namespace plimsoll
