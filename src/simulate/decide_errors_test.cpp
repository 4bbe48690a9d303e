#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulate/decide_protocol.h"
#include "support/decide_talk.h"

namespace plimsoll {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// The answer to a first line.
std::string first(std::string_view line) { return DecideConversation{}.answer(line); }

std::string policy_error(const std::string& policy) {
  return error_of(first(R"({"hosts":[],"policy":)" + policy + "}"));
}

struct BadFirstLine {
  const char* line;
  const char* says;
};
class BadFirst : public testing::TestWithParam<BadFirstLine> {};

TEST_P(BadFirst, IsToldAndEndsIt) {
  DecideConversation talk;
  const std::string answer = talk.answer(GetParam().line);
  EXPECT_THAT(error_of(answer), StartsWith("line 1: "));
  EXPECT_THAT(error_of(answer), HasSubstr(GetParam().says)) << GetParam().line;
  ASSERT_TRUE(talk.failure());
  EXPECT_EQ(talk.failure()->code, Errc::invalid);
  EXPECT_EQ(talk.answer(small_fleet), "") << "nothing follows";
}

INSTANTIATE_TEST_SUITE_P(
    DecideErrors, BadFirst,
    testing::Values(
        BadFirstLine{"hello", "is no JSON, from byte 1"}, BadFirstLine{"[]", "must be an object"},
        BadFirstLine{R"({"hosts":[)", "is no JSON"}, BadFirstLine{"{} {}", "is no JSON"},
        BadFirstLine{R"({"time":1})", "hosts: must be there"},
        BadFirstLine{R"({"hosts":7})", "hosts: must be an array"},
        BadFirstLine{R"({"hosts":[7]})", "hosts[0]: must be an object"},
        BadFirstLine{R"({"hosts":[{"cpu":1}]})", "hosts[0].name: must be a text of 1 to 255"},
        BadFirstLine{R"({"hosts":[{"name":"","cpu":1}]})", "hosts[0].name"},
        BadFirstLine{R"({"hosts":[{"name":"h"}]})", "hosts[0].cpu: must be there"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":"4"}]})", "hosts[0].cpu: must be a number"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":-4}]})", "hosts[0].cpu: must be a number"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":1e999}]})", "hosts[0].cpu"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":1,"memory_bytes":0}]})", "memory_bytes"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":1,"drained":1}]})", "true or false"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":1,"labels":{"a":1}}]})", "each must be a text"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":1},{"name":"h","cpu":2}]})",
                     "there is a host 'h' already"},
        BadFirstLine{R"({"hosts":[],"containers":[{"name":"a","host":"x"}]})",
                     "container 'a' is on 'x': there is no such host"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":1}],"containers":[{"name":"a","host":"h"},)"
                     R"({"name":"a","host":"h"}]})",
                     "there is a container 'a' already"},
        BadFirstLine{R"({"hosts":[{"name":"h","cpu":1}],"containers":[{"name":"a","host":"h",)"
                     R"("ports":[70000]}]})",
                     "containers[0].ports: each must be a number from 1 to 65535"},
        BadFirstLine{R"({"hosts":[],"policy":[]})", "policy: must be an object"}));

TEST(DecideErrors, AllProblemsOfThePolicyAtOnce) {
  const std::string error = policy_error(
      R"({"scalar":"median","hold":[5,3],"line":{"cpu":180},"windw":"60s","window":60})");
  EXPECT_THAT(error, HasSubstr("policy.scalar: 'median' is not one of: max, sum, norm"));
  EXPECT_THAT(error, HasSubstr("policy.hold: [k, n]: k must be at least 1 and at most n"));
  EXPECT_THAT(error, HasSubstr("policy.line.cpu: must be more than 0 and at most 100 percent"));
  EXPECT_THAT(error, HasSubstr("policy.windw: no such key; did you mean 'policy.window'?"));
  EXPECT_THAT(error, HasSubstr("policy.window: must be a duration with its unit"));
  EXPECT_EQ(error.find("orchestrator"), std::string::npos) << error;
}

TEST(DecideErrors, ThePolicyHasTheKeysOfTheSectionOrchestrator) {
  EXPECT_EQ(first(R"({"hosts":[],"policy":{"mode":"auto","strategy":"cold","retention":"1h",)"
                  R"("scalar":"norm","norm_threshold":1.5,"window":"1s","target":0.8,)"
                  R"("hold":[2,4],"line":{"cpu":70,"memory":80.5},"moves_in_fleet":3,)"
                  R"("container_cooldown":null,"allowed_bind_mounts":["/a\"b\\c","/d"]}})"),
            "");
  EXPECT_THAT(policy_error(R"({"a\u0001\"b":"c\nd"})"), HasSubstr("no such key"));
  EXPECT_THAT(policy_error(R"({"target":18446744073709551615})"), HasSubstr("policy.target"));
}

struct BadStepLine {
  const char* line;
  const char* says;
};
class BadStep : public testing::TestWithParam<BadStepLine> {};

TEST_P(BadStep, IsToldChangesNothingAndItGoesOn) {
  Talk talk;
  Talk undisturbed;
  constexpr const char* calm = R"("a":{"cpu":1},"b":{"cpu":1})";
  talk.step(calm);
  undisturbed.step(calm);
  const std::string answer = talk.conversation.answer(GetParam().line);
  EXPECT_THAT(moves_of(answer), IsEmpty());
  EXPECT_THAT(error_of(answer), StartsWith("line 3: "));
  EXPECT_THAT(error_of(answer), HasSubstr(GetParam().says)) << GetParam().line;
  EXPECT_FALSE(talk.conversation.failure());
  for (int i = 0; i < 10; ++i) ASSERT_EQ(talk.step(overload), undisturbed.step(overload));
}

INSTANTIATE_TEST_SUITE_P(
    DecideErrors, BadStep,
    testing::Values(
        BadStepLine{"{", "is no JSON"}, BadStepLine{"null", "must be an object"},
        BadStepLine{"{}", "time: must be there"},
        BadStepLine{R"({"time":"300"})", "time: must be there: a number of seconds"},
        BadStepLine{R"({"time":1e12})", "time:"},
        BadStepLine{R"({"time":300})", "time: must be later than the step before, 300.000"},
        BadStepLine{R"({"time":300.0001})", "must be later"},
        BadStepLine{R"({"time":400,"containers":[]})", "containers: must be an object"},
        BadStepLine{R"({"time":400,"containers":{"a":5}})", "containers 'a': must be an object"},
        BadStepLine{R"({"time":400,"containers":{"a":{"cpu":-1}}})", "containers 'a'.cpu: must be"},
        BadStepLine{R"({"time":400,"containers":{"a":{"cpu":1e999}}})", "containers 'a'.cpu"},
        BadStepLine{R"({"time":400,"containers":{"z":{"cpu":1}}})", "containers 'z': there is no"},
        BadStepLine{R"({"time":400,"hosts":{"z":{"cpu":1}}})", "hosts 'z': there is no such host"},
        BadStepLine{R"({"time":400,"hosts":{"h1":true}})", "hosts 'h1': must be an object, or"},
        BadStepLine{R"({"time":400,"hosts":{"h1":{"memory_bytes":"1"}}})", "hosts 'h1'.memory_byt"},
        BadStepLine{R"({"time":400,"placement":{"z":"h1"}})", "placement: there is no container"},
        BadStepLine{R"({"time":400,"placement":{"a":"z"}})", "placement: there is no host 'z'"},
        BadStepLine{R"({"time":400,"placement":{"a":1}})", "placement 'a': must be the name"},
        BadStepLine{R"({"time":400,"hosts_removed":["z"]})", "hosts_removed: there is no host 'z'"},
        BadStepLine{R"({"time":400,"hosts_removed":[1]})", "hosts_removed: must hold names"},
        BadStepLine{R"({"time":400,"hosts_removed":["h1","h1"]})", "there is no host 'h1'"},
        BadStepLine{R"({"time":400,"hosts_removed":["h2"],"placement":{"a":"h2"}})",
                    "placement: there is no host 'h2'"},
        BadStepLine{R"({"time":400,"hosts_removed":["h1"],"containers":{"a":{"cpu":1}}})",
                    "containers 'a': there is no such container"},
        BadStepLine{R"({"time":400,"containers_removed":["z"]})", "there is no container 'z'"},
        BadStepLine{R"({"time":400,"containers_added":[{"name":"a","host":"h2"}]})",
                    "there is a container 'a' already"},
        BadStepLine{R"({"time":400,"hosts_added":[{"name":"h1","cpu":1}]})",
                    "there is a host 'h1' already"}));

TEST(DecideErrors, AWrongStepChangesNotEvenTheFleet) {
  Talk talk;
  EXPECT_NE(error_of(talk.step(R"("a":{"cpu":-1})",
                               R"(,"hosts_added":[{"name":"h3","cpu":1}],"hosts_removed":["h2"])")),
            "");
  EXPECT_EQ(talk.step(R"("a":{"cpu":1})", R"(,"hosts":{"h2":{"cpu":1}})"), nothing);
  EXPECT_THAT(error_of(talk.step("", R"(,"hosts":{"h3":{"cpu":1}})")), HasSubstr("'h3'"));
}

TEST(DecideErrors, HostileLinesAreBounded) {
  EXPECT_THAT(error_of(first(std::string(100'000, '['))), HasSubstr("is no JSON"));
  EXPECT_THAT(error_of(first(R"({"hosts":[{"name":")" + std::string(300, 'x') + R"(","cpu":1}]})")),
              HasSubstr("1 to 255 bytes"));
  std::string many = R"({"hosts":[)";
  for (int i = 0; i < 500; ++i) many += fmt::format("{}{}", i == 0 ? "" : ",", i);
  const std::string error = error_of(first(many + "]}"));
  EXPECT_LT(error.size(), 2000U);
  EXPECT_THAT(error, HasSubstr("and 480 more"));
  Talk talk;
  EXPECT_THAT(error_of(talk.conversation.refuse_long_line()), HasSubstr("longer than 64 MiB"));
  EXPECT_THAT(error_of(DecideConversation{}.refuse_long_line()), HasSubstr("line 1: is longer"));
}

TEST(DecideErrors, ErrorsAreFitToPrint) {
  Talk talk;
  const std::string error = error_of(talk.step(R"("a\u001b[2J":{"cpu":1})"));
  EXPECT_EQ(error.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
