#include "terminal/glyphs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plimsoll {
namespace {

std::string shown(std::string_view text) {
  std::string out;
  GlyphReader reader{text};
  while (const auto glyph = reader.next()) out += glyph->text();
  return out;
}

struct Case {
  std::string name;
  std::string text;
  std::string shown;
  std::size_t columns;
};

class Glyphs : public testing::TestWithParam<Case> {};

TEST_P(Glyphs, AreShownSafelyAndMeasured) {
  EXPECT_EQ(shown(GetParam().text), GetParam().shown);
  EXPECT_EQ(columns_of(GetParam().text), GetParam().columns);
}

INSTANTIATE_TEST_SUITE_P(
    Terminal, Glyphs,
    testing::Values(
        Case{"plain", "web-1", "web-1", 5}, Case{"accent", "café", "café", 4},
        Case{"mark", "cafe\u0301", "cafe\u0301", 4}, Case{"wide", "数据库", "数据库", 6},
        Case{"emoji", "🐳x", "🐳x", 3}, Case{"blocks", "█▌│░", "█▌│░", 4},
        Case{"escape", "a\x1b[2Jb", "a?[2Jb", 6}, Case{"bell_and_delete", "a\x07\x7f", "a??", 3},
        // One byte each in other encodings, where terminals obey them: CSI and OSC.
        Case{"eight_bit_controls", "a\u009b2J\u009d0;x", "a?2J?0;x", 8},
        Case{"turned_around", "txt\u202eexe", "txt?exe", 7},
        Case{"invisible", "we\u200bb", "we?b", 4}, Case{"line_separator", "a\u2028b", "a?b", 3},
        Case{"blanks", "a\u00a0b\u3000c", "a b c", 5}, Case{"broken", "a\xff\xc3(", "a?\?(", 4},
        Case{"cut_off", "a\xe6\x95", "a??", 3}, Case{"lone_mark", "\u0301a", "?a", 2},
        Case{"variant", "❤\ufe0f", "❤", 1}, Case{"joined", "👩\u200d💻", "👩💻", 4},
        Case{"private_use", "a\ue0b0", "a?", 2}, Case{"empty", "", "", 0}),
    [](const auto& tested) { return tested.param.name; });

TEST(Glyphs, AHeapOfMarksIsCutAtTheGlyphsSize) {
  std::string text = "a";
  for (int i = 0; i < 100; ++i) text += "\u0301";
  EXPECT_EQ(columns_of(text), 1U);
  EXPECT_LE(shown(text).size(), Glyph::bytes_max);
}

}  // namespace
}  // namespace plimsoll
