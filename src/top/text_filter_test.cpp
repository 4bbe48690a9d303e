#include "top/text_filter.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

struct Case {
  std::string name;
  std::string typed;
  std::string text;
  bool matches;
};

class TextFilters : public testing::TestWithParam<Case> {};

TEST_P(TextFilters, Match) {
  EXPECT_EQ(TextFilter{GetParam().typed}.matches(GetParam().text), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Top, TextFilters,
    testing::Values(
        Case{"nothing_typed", "", "web", true}, Case{"part", "eb-", "web-1", true},
        Case{"no_part", "db", "web-1", false}, Case{"any_case", "WEB", "Web-1", true},
        Case{"inverse", "!web", "web-1", false}, Case{"inverse_other", "!web", "db", true},
        Case{"only_the_mark", "!", "web", true}, Case{"start", "^eb", "web", false},
        Case{"ends", "^web-[0-9]+$", "web-12", true}, Case{"either", "db|WEB", "web", true},
        Case{"start_of_any_line", "^zone=eu", "h1\nzone=eu", true},
        Case{"inverse_pattern", "!^web", "db", true}, Case{"half_typed", "web(", "a web(1)", true},
        Case{"half_typed_elsewhere", "web(", "web", false},
        Case{"umlaut", "grün", "host-grün", true}),
    [](const auto& tested) { return tested.param.name; });

TEST(TextFilter, NoPatternTakesLong) {
  const std::string text = std::string(100'000, 'a') + "c";
  EXPECT_FALSE(TextFilter{"^(a+)+(b+)+$"}.matches(text));
  EXPECT_TRUE(TextFilter{"(a*)*c$"}.matches(text));
}

TEST(TextFilter, APatternThatIsTooLargeIsLookedForAsText) {
  EXPECT_FALSE(TextFilter{"((a{1000}){1000}){1000}"}.matches("aaaa"));
  EXPECT_TRUE(TextFilter{"((a{1000}){1000}){1000}"}.matches("x ((a{1000}){1000}){1000} y"));
}

TEST(TextFilter, TextThatIsNoUtf8IsSearchedAllTheSame) {
  EXPECT_TRUE(TextFilter{"web-[0-9]"}.matches("\xff\xfe web-1"));
}

}  // namespace
}  // namespace plimsoll
