#include "terminal/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Name = Key::Name;

struct Case {
  std::string name;
  std::string bytes;
  std::vector<Key> keys;
};

class Keys : public testing::TestWithParam<Case> {};

TEST_P(Keys, AreRead) {
  KeyReader reader;
  EXPECT_EQ(reader.feed(GetParam().bytes), GetParam().keys);
  EXPECT_FALSE(reader.is_waiting());
}

TEST_P(Keys, MayComeByteByByte) {
  KeyReader reader;
  std::vector<Key> keys;
  for (const char byte : GetParam().bytes) {
    for (auto& key : reader.feed(std::string_view{&byte, 1})) keys.push_back(key);
  }
  EXPECT_EQ(keys, GetParam().keys);
}

INSTANTIATE_TEST_SUITE_P(
    Terminal, Keys,
    testing::Values(Case{"letters", "qS", {{Name::text, "q"}, {Name::text, "S"}}},
                    Case{"umlaut", "ü数", {{Name::text, "ü"}, {Name::text, "数"}}},
                    Case{"arrows",
                         "\x1b[A\x1b[B\x1b[C\x1b[D",
                         {{Name::up}, {Name::down}, {Name::right}, {Name::left}}},
                    Case{"application_arrows", "\x1bOA\x1bOB", {{Name::up}, {Name::down}}},
                    Case{"pages", "\x1b[5~\x1b[6~", {{Name::page_up}, {Name::page_down}}},
                    Case{"ends",
                         "\x1b[H\x1b[F\x1b[1~\x1b[4~\x1bOH",
                         {{Name::home}, {Name::end}, {Name::home}, {Name::end}, {Name::home}}},
                    Case{"with_modifiers", "\x1b[1;5A\x1b[5;2~", {{Name::up}, {Name::page_up}}},
                    Case{"enter", "\r\n", {{Name::enter}, {Name::enter}}},
                    Case{"erase", "\x7f\b", {{Name::backspace}, {Name::backspace}}},
                    Case{"tabs", "\t\x1b[Z", {{Name::tab}, {Name::back_tab}}},
                    Case{"control", "\x0c\x15", {{Name::control, "l"}, {Name::control, "u"}}},
                    Case{"escape_before_a_letter", "\x1bq", {{Name::escape}, {Name::text, "q"}}},
                    Case{"function_keys", "\x1b[15~\x1bOP", {{Name::other}, {Name::other}}},
                    Case{"not_utf8", "\xffq", {{Name::other}, {Name::text, "q"}}}),
    [](const auto& tested) { return tested.param.name; });

TEST(KeyReader, ALoneEscapeIsKnownWhenNothingFollows) {
  KeyReader reader;
  EXPECT_THAT(reader.feed("\x1b"), IsEmpty());
  EXPECT_TRUE(reader.is_waiting());
  EXPECT_THAT(reader.give_up(), ElementsAre(Key{Name::escape}));
  EXPECT_FALSE(reader.is_waiting());
}

TEST(KeyReader, HalfASequenceIsNoKeyOfOurs) {
  KeyReader reader;
  EXPECT_THAT(reader.feed("\x1b[1;"), IsEmpty());
  EXPECT_THAT(reader.give_up(), ElementsAre(Key{Name::other}));
  EXPECT_THAT(reader.feed("q"), ElementsAre(Key{Name::text, "q"}));
}

TEST(KeyReader, ASequenceWithoutEndIsGivenUp) {
  KeyReader reader;
  const auto keys = reader.feed("\x1b[" + std::string(5'000, '1'));
  EXPECT_FALSE(keys.empty());
  EXPECT_THAT(reader.feed("q"), testing::Contains(Key{Name::text, "q"}));
}

}  // namespace
}  // namespace plimsoll
