#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulate/scenario_outcome.h"

namespace plimsoll {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

/// What became of it: base moved from h1 to h2 at 3 min, and failed to move on at 5 min; h1 lay at
/// 1.2 of its line for the first four minutes.
ScenarioOutcome what_happened() {
  ScenarioOutcome outcome;
  outcome.file = "s.toml";
  outcome.duration = minutes{10};
  ScenarioMove first;
  first.container = ContainerName{"base"};
  first.from = HostId{"h1"};
  first.to = HostId{"h2"};
  first.reason = "h1 at 96.0 % CPU, line 80";
  first.began = minutes{3};
  first.ended = minutes{4};
  first.succeeded = true;
  ScenarioMove second = first;
  second.from = HostId{"h2"};
  second.to = HostId{"h1"};
  second.began = minutes{5};
  second.succeeded = false;
  outcome.moves = {first, second};
  outcome.hosts = {{"h1", {}, {"web"}}, {"h2", {}, {"base"}}};
  for (int minute = 0; minute <= 10; ++minute) {
    outcome.hosts[0].levels.push_back({minutes{minute}, minute < 4 ? 1.2 : 0.6});
    outcome.hosts[1].levels.push_back({minutes{minute}, 0.5});
  }
  return outcome;
}

/// What was said on the way: base is pinned, and h2 was silent.
Plan what_was_said() {
  Plan plan;
  plan.rejected.push_back({HostId{"h1"}, ContainerName{"base"}, Rule::pinned, "its owner pins it"});
  plan.rejected.push_back({HostId{"h2"}, std::nullopt, Rule::silent, "no telemetry for 20 s"});
  return plan;
}

std::vector<ScenarioFailure> judged(const std::string& expect) {
  const auto scenario = read_scenario(R"(story = "A test."
duration = "10m"
[[host]]
name = "h"
count = 2
[[container]]
name = "base"
on = "h1"
[[container]]
name = "web"
on = "h1"
[expect]
)" + expect,
                                      "s.toml");
  EXPECT_TRUE(scenario) << scenario.error().message;
  if (!scenario) return {};
  ScenarioJudge judge{*scenario};
  judge.note(what_was_said(), minutes{2});
  return judge.failures(what_happened());
}

class Met : public testing::TestWithParam<const char*> {};
TEST_P(Met, IsNoFailure) {
  const auto failures = judged(GetParam());
  EXPECT_TRUE(failures.empty()) << failures.front().wanted << ": " << failures.front().happened;
}
INSTANTIATE_TEST_SUITE_P(
    Expectations, Met,
    testing::Values("moves = 2", "moves = [1, 3]", "never_move = \"web\"", "calm_after = \"5m\"",
                    "moves_of_one = [1, 2]", "together = \"base\"", "ends = { base = \"h2\" }",
                    "[[expect.move]]\nfrom = \"h1\"\nto = \"h2\"\nafter = \"3m\"\nby = \"3m\"",
                    "[[expect.move]]\ncontainer = \"b*\"\ncount = 2\nreason = [\"CPU\", \"80\"]",
                    "[[expect.move]]\nto = \"h2\"\nafter = \"4m\"\ncount = 0",
                    "[[expect.move]]\ncontainer = \"base\"\nasked = false",
                    "[[expect.rejected]]\ncontainer = \"base\"\nrule = \"pinned\"\nby = \"2m\"",
                    "[[expect.rejected]]\nrule = \"apart\"\ncount = 0",
                    "[[expect.rejected]]\nhost = \"h2\"\nrule = \"silent\"\ndetail = [\"20 s\"]",
                    "[[expect.level]]\nhost = \"h1\"\nbelow_from = \"4m\"",
                    "[[expect.level]]\nhost = \"h2\"\nbelow_from = \"0s\""));

struct MissedRow {
  const char* name;
  const char* expect;
  const char* wanted;
  const char* happened;
};
class Missed : public testing::TestWithParam<MissedRow> {};
TEST_P(Missed, SaysWhatWasWantedAndWhatHappened) {
  const auto failures = judged(GetParam().expect);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_GE(failures[0].line, 12U);
  EXPECT_THAT(failures[0].wanted, HasSubstr(GetParam().wanted));
  EXPECT_THAT(failures[0].happened, HasSubstr(GetParam().happened));
}
const MissedRow missed_rows[] = {
    {"Moves", "moves = 1", "1 move in all", "2 moves: base from h1 to h2 at 3 min 0 s"},
    {"TooFew", "moves = [3, 9]", "3 to 9 moves in all", "2 moves"},
    {"NeverMove", "never_move = \"base\"", "base never to be moved", "2 moves"},
    {"Calm", "calm_after = \"4m\"", "no move after 4 min", "which failed"},
    {"OfOne", "moves_of_one = [0, 1]", "of any one container", "2 of base"},
    {"Ends", "ends = { base = \"h1\" }", "base on h1 at the end", "it is on h2"},
    {"Together", "together = [\"base\", \"web\"]", "on one host", "h2, h1"},
    {"Late", "[[expect.move]]\nby = \"2m\"", "at least 1 move by 2 min", "0 of them"},
    {"NotTo", "[[expect.move]]\nnot_to = \"h*\"", "to none of h*", "0 of them"},
    {"Reason", "[[expect.move]]\nreason = [\"memory\"]", "because of \"memory\"", "96.0 % CPU"},
    {"Asked", "[[expect.move]]\nasked = true", "waiting for approval", "0 of them"},
    {"NeverSaid", "[[expect.rejected]]\nrule = \"apart\"", "rule apart", "told of 0"},
    {"SaidOfAnother", "[[expect.rejected]]\ncontainer = \"web\"\nrule = \"pinned\"",
     "for container web", "told of 0"},
    {"SaidTooLate", "[[expect.rejected]]\nrule = \"pinned\"\nby = \"1m\"", "by 1 min", "told of 0"},
    {"OtherWords", "[[expect.rejected]]\nrule = \"pinned\"\ndetail = [\"h9\"]", "saying \"h9\"",
     "its owner pins it"},
    {"SaidThough", "[[expect.rejected]]\nrule = \"silent\"\ncount = 0", "0 subjects",
     "told of 1: @h2"},
    {"Above", "[[expect.level]]\nhost = \"h1\"\nbelow_from = \"2m\"",
     "h1 below its line from 2 min", "at 2 min 0 s it was at 1.20"},
    {"Below", "[[expect.level]]\nhost = \"h1\"\nabove_from = \"2m\"", "h1 above its line",
     "at 4 min 0 s it was at 0.60"},
};
INSTANTIATE_TEST_SUITE_P(Expectations, Missed, testing::ValuesIn(missed_rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ScenarioJudge, HearsWhatAMoveWasRefusedElsewhere) {
  const auto scenario = read_scenario(R"(story = "A test."
duration = "10m"
[[host]]
name = "h"
count = 2
[[container]]
name = "base"
on = "h1"
[expect]
[[expect.rejected]]
container = "base"
host = "h2"
rule = "port_taken"
)",
                                      "s.toml");
  ASSERT_TRUE(scenario);
  Plan plan;
  Move& move = plan.moves.emplace_back();
  move.container = ContainerName{"base"};
  move.considered.push_back({HostId{"h2"}, Rule::port_taken, "its port 80 is in use", {}, 0});
  ScenarioJudge judge{*scenario};
  EXPECT_EQ(judge.failures({}).size(), 1U);
  judge.note(plan, minutes{1});
  EXPECT_TRUE(judge.failures({}).empty());
}

TEST(ScenarioText, TellsFileAndLineOfWhatFailed) {
  ScenarioOutcome outcome = what_happened();
  EXPECT_EQ(scenario_text(outcome, false), "s.toml: ok, 2 moves in 10 min 0 s\n");
  outcome.failures = {{7, "1 move", "2 moves"}, {0, "only moves that are safe", "a move of 'db'"}};
  EXPECT_EQ(scenario_text(outcome, false),
            "s.toml:7: wanted 1 move, but: 2 moves\n"
            "s.toml: wanted only moves that are safe, but: a move of 'db'\n");
}

TEST(ScenarioText, TellsTheWholeStory) {
  ScenarioOutcome outcome = what_happened();
  outcome.story = "A tale.";
  outcome.reasons.push_back(
      {HostId{"h2"}, std::nullopt, Rule::silent, minutes{1}, minutes{2}, 3, "x"});
  const std::string text = scenario_text(outcome, true);
  EXPECT_THAT(text, HasSubstr("A tale."));
  EXPECT_THAT(text, HasSubstr("base: h1 -> h2, done after 1 min 0 s"));
  EXPECT_THAT(text,
              HasSubstr("h1               highest 1.20 of its line, over it 36.4 % of the time"));
  EXPECT_THAT(text, HasSubstr("1 min 0 s to 2 min 0 s: h2 [silent]: x"));
}

TEST(ScenarioJson, HasMovesHostsAndFailures) {
  ScenarioOutcome outcome = what_happened();
  outcome.failures = {{7, "1 move", "2 moves"}};
  const std::string json = scenario_json(outcome);
  EXPECT_THAT(json, HasSubstr(R"("passed":false)"));
  EXPECT_THAT(json, HasSubstr(R"({"container":"base","from":"h1","to":"h2")"));
  EXPECT_THAT(json, HasSubstr(R"("began_s":180)"));
  EXPECT_THAT(json, HasSubstr(R"("levels":[[0,1.2],[60,1.2])"));
  EXPECT_THAT(json, HasSubstr(R"("failures":[{"line":7,"wanted":"1 move","happened":"2 moves"}])"));
}

}  // namespace
}  // namespace plimsoll
