#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulate/scenario.h"

namespace plimsoll {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// The least that a scenario needs, and more.
std::string with(const std::string& more) {
  return R"(story = "A test."
duration = "10m"
[[host]]
name = "h"
count = 2
[[container]]
name = "web"
on = "h1"
)" + more;
}

Result<Scenario> read(const std::string& text) { return read_scenario(text, "s.toml"); }

TEST(ScenarioReader, GivesWhatIsLeftOutADefault) {
  const auto scenario = read(with("[expect]\nmoves = 0\n"));
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->sample_every, seconds{5});
  EXPECT_EQ(scenario->policy.window, Policy{}.window);
  EXPECT_EQ(scenario->policy.sample_every, seconds{5});
  ASSERT_EQ(scenario->hosts.size(), 2U);
  EXPECT_EQ(scenario->hosts[1].state.name, HostId{"h2"});
  EXPECT_TRUE(scenario->hosts[1].there);
  ASSERT_EQ(scenario->containers.size(), 1U);
  EXPECT_EQ(scenario->containers[0].host, "h1");
  EXPECT_TRUE(scenario->links.empty()) << "nothing is known of them";
  EXPECT_EQ(scenario->expect.moves, (CountRange{0, 0}));
}

TEST(ScenarioReader, ReadsTheFleet) {
  const auto scenario = read(R"(story = "A test."
duration = "10m"
start = "2026-03-02T22:00:00Z"
seed = 9
[orchestrator]
line = { cpu = 70 }
window = "30s"
[[image]]
name = "app"
layers = ["debian 120MiB", "app 8MiB"]
architecture = "arm64"
[[host]]
name = "h"
count = 3
cores = 2.5
memory = "4GiB"
labels = { zone = "a" }
ports = ["22", "53/udp"]
images = "app"
[[container]]
name = "web"
count = 3
on = ["h1", "h2"]
image = "app"
cpu = [0.5, { step = 1.0, at = "1m" }]
memory = "1GiB"
memory_reservation = "2GiB"
labels = { "plimsoll.move" = "ask" }
project = "shop"
ports = "80"
privileged = true
[expect]
)");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(format_rfc3339(scenario->start), "2026-03-02T22:00:00.000Z");
  EXPECT_EQ(scenario->policy.line.cpu, 70);
  EXPECT_EQ(scenario->policy.window, seconds{30});
  const HostState& host = scenario->hosts[2].state;
  EXPECT_EQ(host.capacity.cpu_cores, 2.5);
  EXPECT_EQ(host.ports_in_use[1].protocol, Protocol::udp);
  EXPECT_EQ(host.image_ids, std::vector<std::string>{"sha256:app"});
  EXPECT_EQ(host.layer_chains, chain_ids({"debian", "app"}));
  ASSERT_EQ(scenario->containers.size(), 3U);
  const ScenarioContainer& third = scenario->containers[2];
  EXPECT_EQ(third.state.name, ContainerName{"web3"});
  EXPECT_EQ(third.host, "h1");
  EXPECT_EQ(third.state.architecture, "arm64");
  EXPECT_EQ(third.state.image_bytes, Bytes{128 * mib});
  EXPECT_EQ(third.state.memory_reservation, Bytes{2 * gib});
  EXPECT_EQ(third.state.labels.at("com.docker.compose.project"), "shop");
  EXPECT_TRUE(third.state.obstacles.privileged);
  EXPECT_DOUBLE_EQ(third.cpu.at(minutes{2}, 1), 1.5);
  EXPECT_DOUBLE_EQ(third.memory.at(minutes{2}, 1), static_cast<double>(gib));
}

TEST(ScenarioReader, ReadsEventsAndWhoArrives) {
  const auto scenario = read(with(R"([[event]]
at = "5m"
what = "arrives"
host = "h2"
[[event]]
at = "1m"
what = "link"
host = "h1"
to = "h2"
rate = "1MB"
[expect]
)"));
  ASSERT_TRUE(scenario) << scenario.error().message;
  ASSERT_EQ(scenario->events.size(), 2U);
  EXPECT_EQ(scenario->events[0].kind, EventKind::link) << "by time";
  EXPECT_EQ(scenario->events[0].bytes_per_s, 1e6);
  EXPECT_FALSE(scenario->hosts[1].there);
}

TEST(ScenarioReader, LinksAreAsFastAsTheSlowerCard) {
  const auto scenario = read(with(R"([[host]]
name = "slow"
rate = "2MB"
rtt_ms = 5
[[host]]
name = "fast"
rate = "100MB"
[[link]]
from = "slow"
to = "h1"
rate = "7MB"
[expect]
)"));
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto rate = [&](const std::string& from, const std::string& to) {
    for (const ScenarioLink& link : scenario->links) {
      if (link.from == from && link.to == to) return link.bytes_per_s;
    }
    return -1.0;
  };
  EXPECT_EQ(rate("slow", "fast"), 2e6);
  EXPECT_EQ(rate("fast", "h1"), 1e8);
  EXPECT_EQ(rate("h1", "slow"), 7e6) << "a link of its own, both ways";
  EXPECT_EQ(rate("h1", "h2"), -1) << "not known";
}

TEST(ScenarioReader, ReadsExpectations) {
  const auto scenario = read(with(R"([expect]
moves = [1, 3]
never_move = "web"
calm_after = "5m"
ends = { web = ["h1", "h2"] }
[[expect.move]]
container = "w*"
by = "2m"
reason = ["CPU"]
[[expect.rejected]]
rule = "pinned"
count = 0
[[expect.level]]
below_from = "1m"
)"));
  ASSERT_TRUE(scenario) << scenario.error().message;
  const Expectations& expect = scenario->expect;
  EXPECT_EQ(expect.moves, (CountRange{1, 3}));
  EXPECT_EQ(expect.moves_line, 10U);
  EXPECT_EQ(expect.each_move.at(0).when.by, minutes{2});
  EXPECT_EQ(expect.each_move.at(0).count.least, 1U);
  EXPECT_EQ(expect.rejections.at(0).count, (CountRange{0, 0}));
  EXPECT_EQ(expect.places.at(0).hosts.size(), 2U);
  EXPECT_EQ(expect.levels.at(0).below_from, minutes{1});
}

struct BadRow {
  const char* name;
  std::string text;
  std::string message;  ///< Some line of the message has it.
};

class BadScenario : public testing::TestWithParam<BadRow> {};

TEST_P(BadScenario, IsToldWithItsLine) {
  const auto scenario = read(GetParam().text);
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().code, Errc::invalid);
  EXPECT_THAT(scenario.error().message, testing::HasSubstr(GetParam().message));
}

const BadRow bad_rows[] = {
    {"NotToml", "story = ", "s.toml:1: "},
    {"Nothing", "", "s.toml:"},
    {"NoHosts", "story = \"x\"\nduration = \"1m\"\n[expect]\n", "host is missing"},
    {"NoExpectations", with(""), "expect is missing"},
    {"UnknownKey", with("cpus = 2\n[expect]\n"),
     "s.toml:9: container 'web': cpus: no such key; did you mean 'cpu'?"},
    {"UnknownHost", with("[[container]]\nname = \"b\"\non = \"h3\"\n[expect]\n"),
     "s.toml:11: container 'b': on: there is no host 'h3'"},
    {"HostTwice", with("[[host]]\nname = \"h1\"\n[expect]\n"), "stands here twice"},
    {"ContainerTwice", with("[[container]]\nname = \"web\"\non = \"h1\"\n[expect]\n"),
     "container 'web' is on 'h1' twice"},
    {"BadName", with("[[host]]\nname = \"a b\"\n[expect]\n"), "must be made of letters"},
    {"NoCores", with("[[host]]\nname = \"n\"\ncores = 0\n[expect]\n"),
     "cores: must be more than 0"},
    {"BadLoad", with("cpu = \"much\"\n[expect]\n"),
     "s.toml:9: container 'web': cpu: must be a number"},
    {"LoadWithoutShape", with("cpu = { at = \"5m\" }\n[expect]\n"), "says no shape"},
    {"RampWithoutLength", with("cpu = { ramp = 2 }\n[expect]\n"), "lasts is missing"},
    {"CurveKeyOfAnother", with("cpu = { step = 2, rise = \"5s\" }\n[expect]\n"),
     "rise: no such key"},
    {"ZeroPeriod", with("cpu = { sine = 2, every = \"0s\" }\n[expect]\n"), "must be longer than 0"},
    {"EmptyRecording", with("cpu = { recorded = [], every = \"5s\" }\n[expect]\n"),
     "must be an array"},
    {"BadPort", with("ports = \"80/ip\"\n[expect]\n"), "each must be like"},
    {"BadLayer", with("[[image]]\nname = \"i\"\nlayers = [\"debian\"]\n[expect]\n"),
     "a name and a size"},
    {"BadEvent", with("[[event]]\nat = \"1m\"\nwhat = \"lots\"\nhost = \"h1\"\n[expect]\n"),
     "did you mean 'lost'?"},
    {"FullHostArrives",
     with("[[event]]\nat = \"1m\"\nwhat = \"arrives\"\nhost = \"h1\"\n[expect]\n"), "comes empty"},
    {"BadPolicyKey", with("[orchestrator]\nwindw = \"5s\"\n[expect]\n"),
     "s.toml:10: orchestrator.windw: no such key"},
    {"BadPolicyValue", with("[orchestrator]\ntarget = 2\n[expect]\n"),
     "s.toml:10: orchestrator.target"},
    {"BadRule", with("[expect]\n[[expect.rejected]]\nrule = \"pined\"\n"),
     "did you mean 'pinned'?"},
    {"ExpectsAStranger", with("[expect]\nnever_move = \"wbe\"\n"), "names nothing of the fleet"},
    {"BadRange", with("[expect]\nmoves = [3, 1]\n"), "at least and at most"},
    {"FrameInsideOut", with("[expect]\n[[expect.move]]\nafter = \"3m\"\nby = \"1m\"\n"),
     "must not be before"},
    {"AfterTheEnd", with("[expect]\n[[expect.level]]\nbelow_from = \"11m\"\n"),
     "the story is over"},
    {"TooLong", "story = \"x\"\nduration = \"30d\"\n[[host]]\nname = \"h\"\n[expect]\n",
     "must be at most"},
    {"TooManyHosts", with("[[host]]\nname = \"x\"\ncount = 501\n[expect]\n"), "from 0 to 500"},
};
INSTANTIATE_TEST_SUITE_P(Rows, BadScenario, testing::ValuesIn(bad_rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ScenarioReader, TellsAllProblemsAtOnceInTheirOrder) {
  const auto scenario = read(with("colour = 1\nshape = 2\n[expect]\n"));
  ASSERT_FALSE(scenario);
  EXPECT_THAT(scenario.error().message, testing::HasSubstr(":9: "));
  EXPECT_THAT(scenario.error().message, testing::HasSubstr("\ns.toml:10: "));
}

TEST(NamePatterns, MatchWithStars) {
  EXPECT_TRUE(name_matches({}, "anything"));
  EXPECT_TRUE(name_matches({"web"}, "web"));
  EXPECT_FALSE(name_matches({"web"}, "web1"));
  EXPECT_TRUE(name_matches({"db", "web*"}, "web1"));
  EXPECT_TRUE(name_matches({"*-db-*"}, "shop-db-1"));
  EXPECT_FALSE(name_matches({"*-db"}, "shop-db-1"));
}

}  // namespace
}  // namespace plimsoll
