#include "simulate/decide_protocol.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/decide_talk.h"
#include "support/golden.h"

namespace plimsoll {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(DecideProtocol, TheFirstLineHasNoAnswerEachStepHasOne) {
  DecideConversation talk;
  EXPECT_EQ(talk.answer(small_fleet), "");
  EXPECT_EQ(talk.answer(R"({"time":0,"containers":{"a":{"cpu":1}}})"), nothing);
  EXPECT_EQ(talk.answer(""), "");
  EXPECT_EQ(talk.answer("  \t\r"), "");
  EXPECT_EQ(talk.answer(R"({"time":300})"), nothing);
}

TEST(DecideProtocol, AnOverloadedHostIsRelievedOnceAndForAll) {
  for (const double apart : {5.0, 300.0, 3600.0}) {
    Talk talk{small_fleet, apart};
    const auto moves = moves_of(talk.until_moved(overload));
    ASSERT_EQ(moves.size(), 1U) << apart;
    EXPECT_THAT(moves[0], testing::AnyOf("a: h1 > h2", "b: h1 > h2"));
    for (int i = 0; i < 50; ++i) ASSERT_EQ(talk.step(overload), nothing) << apart << " " << i;
  }
}

TEST(DecideProtocol, ConstantLoadMovesNothing) {
  Talk talk;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(talk.step(R"("a":{"cpu":3},"b":{"cpu":3.5})"), nothing) << i;
  }
}

TEST(DecideProtocol, UnitsDoNotMatter) {
  const auto play = [](double unit) {
    Talk talk{fmt::format(R"({{"hosts":[{{"name":"h1","cpu":{0}}},{{"name":"h2","cpu":{0}}}],)"
                          R"("containers":[{{"name":"a","host":"h1","cpu_limit":{0}}},)"
                          R"({{"name":"b","host":"h1"}}]}})",
                          10 * unit)};
    std::vector<std::vector<std::string>> all;
    for (int i = 0; i < 30; ++i) {
      all.push_back(moves_of(talk.step(fmt::format(R"("a":{{"cpu":{}}},"b":{{"cpu":{}}})", 6 * unit,
                                                   (3 + i % 4 * 0.25) * unit))));
    }
    return all;
  };
  const auto cores = play(1);
  EXPECT_EQ(std::count_if(cores.begin(), cores.end(), [](const auto& m) { return !m.empty(); }), 1);
  EXPECT_EQ(play(1024), cores);
  EXPECT_EQ(play(0.001), cores);
  EXPECT_EQ(play(372), cores);
}

TEST(DecideProtocol, APlacementThatContradictsIsBelieved) {
  Talk talk;
  const auto moves = moves_of(talk.until_moved(overload));
  ASSERT_EQ(moves.size(), 1U);
  const std::string name = moves[0].substr(0, 1);
  std::string answer = talk.step(overload, R"(,"placement":{")" + name + R"(":"h1"})");
  EXPECT_EQ(error_of(answer), "");
  for (int i = 0; i < 5; ++i) {
    for (const std::string& again : moves_of(answer)) EXPECT_FALSE(again.starts_with(name));
    answer = talk.step(overload);
  }
}

TEST(DecideProtocol, APlacementThatSaysWhatIsAssumedChangesNothing) {
  Talk said;
  Talk silent;
  said.until_moved(overload);
  const auto moves = moves_of(silent.until_moved(overload));
  const std::string placement = R"(,"placement":{")" + moves.at(0).substr(0, 1) + R"(":"h2"})";
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(said.step(overload, placement), silent.step(overload));
  }
}

TEST(DecideProtocol, MemoryBindsWhereItIsSaid) {
  const auto moves = [](const char* memory) {
    Talk talk{
        fmt::format(R"({{"hosts":[{{"name":"h1","cpu":10}},{{"name":"h2","cpu":10{}}}],)"
                    R"("containers":[{{"name":"a","host":"h1"}},{{"name":"b","host":"h1"}}]}})",
                    memory)};
    return moves_of(talk.until_moved(
        R"("a":{"cpu":6,"memory_bytes":3000},"b":{"cpu":3.5,"memory_bytes":3000})"));
  };
  EXPECT_EQ(moves("").size(), 1U);
  EXPECT_EQ(moves(R"(,"memory_bytes":8000)").size(), 1U);
  EXPECT_THAT(moves(R"(,"memory_bytes":2000)"), IsEmpty());
}

TEST(DecideProtocol, EveryFieldOfAContainerCounts) {
  const auto moves = [](const char* both, const char* host = "") {
    Talk talk{
        fmt::format(R"({{"hosts":[{{"name":"h1","cpu":10}},{{"name":"h2","cpu":5{1}}}],)"
                    R"("containers":[{{"name":"a","host":"h1"{0}}},{{"name":"b","host":"h1"{0}}},)"
                    R"({{"name":"c","host":"h2","ports":[80],"plimsoll.apart":"x"}}]}})",
                    both, host)};
    return moves_of(talk.until_moved(R"("a":{"cpu":6},"b":{"cpu":3.1},"c":{"cpu":0})")).size();
  };
  EXPECT_EQ(moves(""), 1U);
  EXPECT_EQ(moves(R"(,"cpu_limit":7)"), 0U);
  EXPECT_EQ(moves(R"(,"cpu_limit":4)"), 1U);
  EXPECT_EQ(moves(R"(,"memory_limit_bytes":600)", R"(,"memory_bytes":500)"), 0U);
  EXPECT_EQ(moves(R"(,"memory_reservation_bytes":600)", R"(,"memory_bytes":500)"), 0U);
  EXPECT_EQ(moves(R"(,"plimsoll.move":"never")"), 0U);
  EXPECT_EQ(moves(R"(,"labels":{"plimsoll.move":"never"})"), 0U);
  EXPECT_EQ(moves(R"(,"plimsoll.pin":"h1")"), 0U);
  EXPECT_EQ(moves(R"(,"plimsoll.pin":"disk=ssd")"), 0U);
  EXPECT_EQ(moves(R"(,"plimsoll.pin":"disk=ssd")", R"(,"labels":{"disk":"ssd"})"), 1U);
  EXPECT_EQ(moves(R"(,"plimsoll.apart":"x")"), 0U);
  EXPECT_EQ(moves(R"(,"plimsoll.apart":"y")"), 1U);
  EXPECT_EQ(moves(R"(,"ports":[80])"), 0U);
  EXPECT_EQ(moves(R"(,"ports":[{"port":80,"protocol":"udp"}])"), 1U);
  EXPECT_EQ(moves(R"(,"architecture":"arm64")", R"(,"architecture":"amd64")"), 0U);
  EXPECT_EQ(moves(R"(,"move_bytes":1e12)"), 0U);
  EXPECT_EQ(moves("", R"(,"drained":true)"), 0U);
  EXPECT_EQ(moves(R"(,"move_bytes":1000)", R"(,"storage_free_bytes":100,"storage_bytes":9000)"),
            0U);
  EXPECT_EQ(moves(R"(,"cpu_limit":null,"labels":null,"ports":null,"move_bytes":null)"), 1U);
  EXPECT_EQ(moves(R"(,"anything":7,"else":{"deep":[1]})", R"(,"colour":"blue")"), 1U);
}

TEST(DecideProtocol, AHostsOwnUseComesFirst) {
  Talk talk;
  std::string answer;
  for (int i = 0; i < 20 && (answer.empty() || answer == nothing); ++i) {
    answer = talk.step(R"("a":{"cpu":2},"b":{"cpu":1})",
                       R"(,"hosts":{"h1":{"cpu":9.5},"h2":{"cpu":1}})");
  }
  ASSERT_FALSE(moves_of(answer).empty());
  EXPECT_EQ(moves_of(answer)[0], "a: h1 > h2");
}

TEST(DecideProtocol, ASilentHostNeitherGivesNorReceives) {
  const char* line = R"({"policy":{"silent_stop":60},"hosts":[{"name":"h1","cpu":10},)"
                     R"({"name":"h2","cpu":10}],"containers":[{"name":"a","host":"h1"},)"
                     R"({"name":"b","host":"h1"}]})";
  for (const char* silent : {R"(,"hosts":{"h2":null})", R"(,"hosts":{"h1":null})"}) {
    Talk talk{line};
    for (int i = 0; i < 20; ++i) ASSERT_EQ(talk.step(overload, silent), nothing);
  }
}

TEST(DecideProtocol, TheFleetMayChange) {
  Talk talk{R"({"hosts":[{"name":"h1","cpu":10}],"containers":[{"name":"a","host":"h1"}]})"};
  EXPECT_EQ(talk.step(R"("a":{"cpu":6},"b":{"cpu":3.5})",
                      R"(,"containers_added":[{"name":"b","host":"h1"}])"),
            nothing);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(talk.step(overload), nothing) << "there is no other host";
  std::string answer = talk.step(overload, R"(,"hosts_added":[{"name":"h2","cpu":10}])");
  if (answer == nothing) answer = talk.until_moved(overload);
  ASSERT_EQ(moves_of(answer).size(), 1U);
  EXPECT_EQ(talk.step(R"("b":{"cpu":1})", R"(,"containers_removed":["a"])"), nothing);
  EXPECT_THAT(error_of(talk.step(overload)), HasSubstr("containers 'a': there is no such"));
  EXPECT_EQ(talk.step(R"("b":{"cpu":1})", R"(,"placement":{"b":"h2"},"hosts_removed":["h1"])"),
            nothing);
  EXPECT_EQ(talk.step(R"("b":{"cpu":9})", R"(,"hosts":{"h2":{"cpu":9}})"), nothing);
}

TEST(DecideProtocol, ARemovedHostTakesItsContainersAlong) {
  Talk talk;
  EXPECT_EQ(talk.step(R"("b":{"cpu":1})", R"(,"placement":{"b":"h2"},"hosts_removed":["h1"])"),
            nothing);
  EXPECT_THAT(error_of(talk.step(R"("a":{"cpu":1})")), HasSubstr("'a'"));
}

TEST(DecideProtocol, AContainerMayBeMadeAnewElsewhere) {
  Talk talk;
  EXPECT_EQ(
      talk.step(R"("a":{"cpu":1},"b":{"cpu":1})",
                R"(,"containers_removed":["a"],"containers_added":[{"name":"a","host":"h2"}])"),
      nothing);
  EXPECT_EQ(talk.step(R"("a":{"cpu":1},"b":{"cpu":1})"), nothing);
}

TEST(DecideProtocol, ThePolicyIsFollowed) {
  const auto moved = [](const std::string& policy) {
    Talk talk{R"({"policy":)" + policy +
              R"(,"hosts":[{"name":"h1","cpu":10},{"name":"h2","cpu":10}],)"
              R"("containers":[{"name":"a","host":"h1"},{"name":"b","host":"h1"}]})"};
    return !moves_of(talk.until_moved(R"("a":{"cpu":4},"b":{"cpu":3.5})")).empty();
  };
  EXPECT_TRUE(moved(R"({"line":{"cpu":60}})"));
  EXPECT_FALSE(moved(R"({"detector":"threshold","line":{"cpu":99},"target":0.99})"));
  EXPECT_FALSE(moved(R"({"detector":"threshold","line":{"cpu":60},"min_gain":1})"));
}

/// A fleet of 8 hosts and 40 containers, all named in one order or the other.
std::vector<std::string> play(bool backwards) {
  constexpr std::size_t hosts = 8;
  constexpr std::size_t containers = 40;
  const auto list = [&](std::size_t count, const auto& item) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += (i == 0 ? "" : ",") + item(backwards ? count - 1 - i : i);
    }
    return text;
  };
  Talk talk{
      R"({"hosts":[)" +
      list(hosts, [](std::size_t i) { return fmt::format(R"({{"name":"h{}","cpu":10}})", i); }) +
      R"(],"containers":[)" +
      list(containers,
           [](std::size_t i) {
             return fmt::format(R"({{"name":"c{}","host":"h{}","move_bytes":{}}})", i, i % 3,
                                i * 1000000);
           }) +
      "]}"};
  std::vector<std::string> answers;
  for (std::size_t step = 0; step < 40; ++step) {
    answers.push_back(talk.step(list(containers, [&](std::size_t i) {
      return fmt::format(R"("c{}":{{"cpu":{}}})", i,
                         0.1 * static_cast<double>((i * 7 + step * (i % 5)) % 13));
    })));
  }
  return answers;
}

TEST(DecideProtocol, TheOrderInWhichThingsAreNamedChangesNothing) {
  const auto forwards = play(false);
  EXPECT_GT(std::count_if(forwards.begin(), forwards.end(),
                          [](const std::string& answer) { return answer != nothing; }),
            0);
  EXPECT_EQ(play(false), forwards) << "the same twice";
  EXPECT_EQ(play(true), forwards);
}

/// Whole conversations as files: what goes in, and what comes out.
class GoldenConversation : public testing::TestWithParam<const char*> {};

TEST_P(GoldenConversation, IsAnsweredAsItWas) {
  const std::string name = fmt::format("decide/{}", GetParam());
  std::istringstream lines{golden(name + ".in.jsonl")};
  DecideConversation talk;
  std::string answers;
  std::string line;
  while (std::getline(lines, line)) {
    const std::string answer = talk.answer(line);
    if (!answer.empty()) answers += answer + "\n";
  }
  ASSERT_FALSE(answers.empty());
  EXPECT_EQ(answers, golden_for(name + ".out.jsonl", answers));
}

INSTANTIATE_TEST_SUITE_P(DecideProtocol, GoldenConversation,
                         testing::Values("overload", "changes", "mistakes"),
                         [](const auto& test) { return std::string{test.param}; });

}  // namespace
}  // namespace plimsoll
