#include <gmock/gmock.h>

#include "decide/decide.h"
#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using testing::HasSubstr;

struct Row {
  const char* name;
  FleetSnapshot fleet;
  ManualMove wanted;
  const char* to;  ///< Empty: no move.
  const char* rule = "";
  const char* says = "";
};

ManualMove move_web(const char* to = nullptr, bool force = false) {
  std::optional<HostId> target;
  if (to) target = HostId{to};
  return {ContainerName{"web"}, HostId{"h1"}, target, force};
}

FleetBuilder fleet(const ContainerState& web = ContainerBuilder("web").cpu(1)) {
  return FleetBuilder()
      .host(HostBuilder("h1").runs(web).runs(ContainerBuilder("db")))
      .host(HostBuilder("h2").load(60))
      .host(HostBuilder("h3").load(30))
      .host(HostBuilder("h4").drained());
}

class ManualTable : public testing::TestWithParam<Row> {};

TEST_P(ManualTable, Plans) {
  const Plan plan = explain_manual(GetParam().fleet, Policy{}, builder_now, GetParam().wanted);
  if (*GetParam().to != '\0') {
    ASSERT_EQ(plan.moves.size(), 1U);
    EXPECT_EQ(plan.moves[0].to, HostId{GetParam().to});
    EXPECT_THAT(plan.moves[0].reason, HasSubstr(GetParam().says));
    return;
  }
  EXPECT_TRUE(plan.moves.empty());
  ASSERT_FALSE(plan.rejected.empty());
  EXPECT_EQ(rule_name(plan.rejected[0].rule), GetParam().rule);
  EXPECT_THAT(plan.rejected[0].detail, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Wishes, ManualTable,
    testing::Values(
        Row{"automatic", fleet(), move_web(), "h3", "", "h3 is the only one with room"},
        Row{"named", fleet(), move_web("h3"), "h3", "", "asked for by hand; h3 was named"},
        Row{"named_but_full", fleet(), move_web("h2"), "", "cpu", "CPU would be at 85.0 %"},
        Row{"full_but_forced", fleet(), move_web("h2", true), "h2"},
        Row{"drained", fleet(), move_web("h4"), "", "drained"},
        Row{"drained_but_forced", fleet(), move_web("h4", true), "h4"},
        Row{"to_itself", fleet(), move_web("h1", true), "", "same_host", "there already"},
        Row{"unknown_host", fleet(), move_web("h9"), "", "unknown", "no host 'h9'"},
        Row{"unknown_source", fleet(),
            ManualMove{ContainerName{"web"}, HostId{"h7"}, HostId{"h3"}, false}, "", "unknown",
            "no host 'h7'"},
        Row{"unknown_container", fleet(), ManualMove{ContainerName{"wbe"}, HostId{"h1"}, {}, false},
            "", "unknown", "no container 'wbe' there: it has db, web"},
        Row{"calm_hosts_may_be_relieved_by_hand", fleet(), move_web("h3"), "h3"},
        Row{"cooldown_does_not_bind_a_person", fleet().moved("web", "h3", "h1", minutes{2}),
            move_web("h3"), "h3"},
        Row{"nor_does_the_move_just_before", fleet().moved("db", "h2", "h3", Duration{0}),
            move_web("h3"), "h3"},
        Row{"but_room_does", fleet().moved("db", "h3", "h2", Duration{0}), move_web("h2"), "",
            "cpu", "CPU would be at 85.0 %"},
        Row{"the_owner_said_never", fleet(ContainerBuilder("web").label("plimsoll.move", "never")),
            move_web("h3"), "", "label_never"},
        Row{"never_but_forced", fleet(ContainerBuilder("web").label("plimsoll.move", "never")),
            move_web("h3", true), "h3"},
        Row{"what_cannot_work_is_not_forced",
            fleet(ContainerBuilder("web").obstacle(&Obstacles::auto_remove, true)),
            move_web("h3", true), "", "auto_remove"},
        Row{"under_way_already", fleet().under_way("web", "h1", "h2", {}), move_web("h3", true), "",
            "under_way"},
        Row{"docker_data_not_read",
            FleetBuilder()
                .host(HostBuilder("h1").set(&HostState::detailed, false))
                .host(HostBuilder("h3")),
            move_web(), "", "not_read"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Manual, AutoSaysWhyEveryHostRefused) {
  const Plan plan =
      explain_manual(fleet(ContainerBuilder("web").cpu(3)), Policy{}, builder_now, move_web());
  EXPECT_TRUE(plan.moves.empty());
  ASSERT_EQ(plan.rejected.size(), 4U);
  EXPECT_EQ(plan.rejected[3].rule, Rule::no_destination);
  EXPECT_THAT(plan.rejected[3].detail, HasSubstr("h4: it is drained"));
}

TEST(Manual, EveryObstacleIsNamed) {
  const auto web = ContainerBuilder("web")
                       .obstacle(&Obstacles::privileged, true)
                       .obstacle(&Obstacles::host_network, true);
  EXPECT_EQ(explain_manual(fleet(web), Policy{}, builder_now, move_web("h3")).rejected.size(), 2U);
}

TEST(Manual, NamesFromOutsideAreMadeFitToPrint) {
  const ManualMove wanted{ContainerName{"web\x1b[2J"}, HostId{"h1"}, {}, false};
  const Plan plan = explain_manual(fleet(), Policy{}, builder_now, wanted);
  ASSERT_EQ(plan.rejected.size(), 1U);
  EXPECT_EQ(plan.rejected[0].detail.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace plimsoll
