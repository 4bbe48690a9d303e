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

TEST(TextFilter, APatternThatExplodesEnds) {
  const TextFilter filter{"^(a+)+(b+)+$"};
  EXPECT_FALSE(filter.matches(std::string(5'000, 'a') + "c"));
}

}  // namespace
}  // namespace plimsoll
