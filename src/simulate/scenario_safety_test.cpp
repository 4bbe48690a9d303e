#include "simulate/scenario_safety.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;

/// A move of web from h1 to h2, which is safe as it is; each test spoils one thing.
struct Case {
  FleetSnapshot fleet;
  Move move;
  std::vector<Move> others;
  Policy policy;

  Case() {
    fleet.hosts = {HostBuilder("h1").runs(ContainerBuilder("web")), HostBuilder("h2"),
                   HostBuilder("h3")};
    move.container = ContainerName{"web"};
    move.from = HostId{"h1"};
    move.to = HostId{"h2"};
  }
  ContainerState& web() { return fleet.hosts[0].containers[0]; }
  HostState& to() { return fleet.hosts[1]; }
  void past(const std::string& from, const std::string& to, Duration ago, bool succeeded = true) {
    const TimePoint then = builder_now - ago;
    fleet.past.push_back(
        {ContainerName{"web"}, HostId{from}, HostId{to}, then - minutes{1}, then, succeeded});
  }
  [[nodiscard]] std::vector<std::string> look() const {
    auto under_way = others;
    under_way.push_back(move);
    return unsafe(move, fleet, under_way, policy, builder_now);
  }
};

TEST(ScenarioSafety, APlainMoveIsSafe) { EXPECT_THAT(Case{}.look(), testing::IsEmpty()); }

struct SpoiltRow {
  const char* name;
  void (*spoil)(Case&);
  const char* says;
};
class Spoilt : public testing::TestWithParam<SpoiltRow> {};
TEST_P(Spoilt, IsTold) {
  Case it;
  GetParam().spoil(it);
  EXPECT_THAT(it.look(), testing::ElementsAre(testing::HasSubstr(GetParam().says)));
}

const SpoiltRow spoilt_rows[] = {
    {"Nobody", [](Case& it) { it.move.container = ContainerName{"who"}; }, "does not exist"},
    {"Never", [](Case& it) { it.web().labels["plimsoll.move"] = "never"; }, "said never"},
    {"Stopped", [](Case& it) { it.web().state = "exited"; }, "does not run"},
    {"Privileged", [](Case& it) { it.web().obstacles.privileged = true; }, "safely"},
    {"Swarm", [](Case& it) { it.web().obstacles.swarm_task = true; }, "not ours"},
    {"Silent", [](Case& it) { it.to().up = false; }, "does not answer"},
    {"Drained", [](Case& it) { it.to().drained = true; }, "is drained"},
    {"Unread", [](Case& it) { it.to().detailed = false; }, "not read"},
    {"Architecture", [](Case& it) { it.to().architecture = "arm64"; }, "architecture"},
    {"Pinned", [](Case& it) { it.web().labels["plimsoll.pin"] = "h3"; }, "pinned"},
    {"Apart",
     [](Case& it) {
       it.web().labels["plimsoll.apart"] = "db";
       it.to().containers.push_back(ContainerBuilder("db").label("plimsoll.apart", "db"));
     },
     "it meets 'db'"},
    {"Name", [](Case& it) { it.to().containers.push_back(ContainerBuilder("web")); }, "name"},
    {"Port",
     [](Case& it) {
       it.web().ports.push_back({80, Protocol::tcp, {}});
       it.to().containers.push_back(ContainerBuilder("other").port(80));
     },
     "port 80"},
    {"PortOnItsWay",
     [](Case& it) {
       it.web().ports.push_back({80, Protocol::tcp, {}});
       it.fleet.hosts[2].containers.push_back(ContainerBuilder("other").port(80));
       it.others.emplace_back();
       it.others[0].container = ContainerName{"other"};
       it.others[0].from = HostId{"h3"};
       it.others[0].to = HostId{"h2"};
     },
     "port 80"},
    {"TooMany",
     [](Case& it) {
       it.policy.moves_in_fleet = 1;
       it.others.emplace_back();
     },
     "too many moves at once"},
    {"Cooldown", [](Case& it) { it.past("h3", "h1", minutes{9}); }, "not long ago"},
    {"Tried", [](Case& it) { it.past("h1", "h3", minutes{9}, false); }, "not long ago"},
    {"GoesBack", [](Case& it) { it.past("h2", "h1", minutes{30}); }, "goes back"},
};
INSTANTIATE_TEST_SUITE_P(Rows, Spoilt, testing::ValuesIn(spoilt_rows),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace plimsoll
