#include "config/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plimsoll {
namespace {

TEST(Settings, AbsentKeysLeaveTheVariable) {
  Settings settings{"", "x.toml"};
  std::string text = "kept";
  double number = 1.5;
  settings.read("a.text", text);
  settings.read("a.number", number);
  EXPECT_EQ(text, "kept");
  EXPECT_EQ(number, 1.5);
  EXPECT_FALSE(settings.given("a.text"));
  EXPECT_EQ(settings.problems(), "");
}

TEST(Settings, ReadsEveryKind) {
  Settings settings{"t = 'x'\nn = 2\ni = 3\nb = true\nd = '250ms'\nl = ['a', 'b']\np = [1, 2]\n",
                    "x.toml"};
  std::string text;
  double number = 0;
  int whole = 0;
  bool truth = false;
  Duration duration{0};
  std::vector<std::string> list;
  std::pair<int, int> pair;
  settings.read("t", text);
  settings.read("n", number);
  settings.read("i", whole);
  settings.read("b", truth);
  settings.read("d", duration);
  settings.read("l", list);
  settings.read("p", pair);
  settings.refuse_unknown();
  EXPECT_EQ(settings.problems(), "");
  EXPECT_EQ(text, "x");
  EXPECT_EQ(number, 2);
  EXPECT_EQ(whole, 3);
  EXPECT_TRUE(truth);
  EXPECT_EQ(duration, Duration{250});
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(pair, (std::pair{1, 2}));
}

TEST(Settings, ATablesNameThatIsNoneIsNamedWithItsLine) {
  for (const char* text : {"\n[!store]\n", "\n[", "\n[[", "\n[[!a]]"}) {
    const Settings settings{text, "x.toml"};
    EXPECT_EQ(settings.problems().rfind("x.toml:2: ", 0), 0U) << text << settings.problems();
  }
}

TEST(Settings, ProblemsHoldNothingThatATerminalObeys) {
  const Settings broken{"a = \x1b[2J", "x.toml"};
  EXPECT_EQ(broken.problems().find('\x1b'), std::string::npos) << broken.problems();
  Settings unknown{"\"\\u001b[2J\" = 1", "x.toml"};
  unknown.refuse_unknown();
  EXPECT_EQ(unknown.problems(), "x.toml:1: ?[2J: no such key");
}

TEST(Settings, TellsSoManyProblemsAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "key" + std::to_string(i) + " = 1\n";
  Settings settings{text, "x.toml"};
  settings.refuse_unknown();
  const auto problems = settings.problems();
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 50);
  EXPECT_TRUE(problems.ends_with("\nx.toml: and 10 more")) << problems;
}

TEST(Settings, WrongKindsAreNamedWithTheirLine) {
  Settings settings{"\nn = 'two'\nw = -1\nb = 1\n", "x.toml"};
  double number = 1;
  int whole = 1;
  bool truth = true;
  settings.read("b", truth);
  settings.read("n", number);
  settings.read("w", whole);
  EXPECT_EQ(settings.problems(),
            "x.toml:2: n: must be a number\n"
            "x.toml:3: w: must be a whole number, 0 or more\n"
            "x.toml:4: b: must be true or false");
  EXPECT_EQ(number, 1);
}

TEST(Settings, NumbersThatAreNoneAreRefused) {
  Settings settings{"n = nan\n", "x.toml"};
  double number = 1;
  settings.read("n", number);
  EXPECT_EQ(settings.problems(), "x.toml:1: n: must be a number");
}

TEST(Settings, WordsAreOnesOfAList) {
  enum class Size { small, large };
  Settings settings{"a = 'large'\nb = 'huge'\n", "x.toml"};
  Size a = Size::small;
  Size b = Size::small;
  settings.read_word<Size>("a", a, {{"small", Size::small}, {"large", Size::large}});
  settings.read_word<Size>("b", b, {{"small", Size::small}, {"large", Size::large}});
  EXPECT_EQ(a, Size::large);
  EXPECT_EQ(settings.problems(), "x.toml:2: b: 'huge' is not one of: small, large");
}

TEST(Settings, AnOverrideMakesItsSection) {
  Settings settings{"a = 1\n", "x.toml"};
  settings.override_with("deep.er.key = plain text");
  settings.override_with("a = 2");
  std::string text;
  int number = 0;
  settings.read("deep.er.key", text);
  settings.read("a", number);
  EXPECT_EQ(text, "plain text");
  EXPECT_EQ(number, 2);
  EXPECT_EQ(settings.problems(), "");
}

TEST(Settings, AnOverrideBelowAValueIsRefused) {
  Settings settings{"a = 1\n", "x.toml"};
  settings.override_with("a.b=2");
  EXPECT_EQ(settings.problems(), "--set a.b: 'a' is no section");
}

TEST(Settings, BrokenTomlIsOneProblem) {
  Settings settings{"a = 1\nb = \n", "x.toml"};
  settings.refuse_unknown();
  EXPECT_EQ(settings.problems().find("x.toml:2: "), 0U);
}

}  // namespace
}  // namespace plimsoll
