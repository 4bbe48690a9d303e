#include "decide/decide.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

#include "decide/render.h"
#include "support/fleet_builder.h"

// Each rule that keeps a fleet safe was broken once by one line, to see that a row turns red:
// not held, silent fleet, cool-down, goes_back, limits, target, under way, gain.

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

ContainerBuilder burner(double cores = 3.0) {
  return ContainerBuilder("burner").cpu(cores).memory(100 * mib);
}
HostBuilder hot(const std::string& name = "h1", double cpu = 96) {
  return HostBuilder(name).load(cpu);
}
HostBuilder calm(const std::string& name) { return HostBuilder(name).load(10); }

/// A hot host, two calm ones, and one container that explains it.
FleetBuilder usual(const ContainerState& container = burner().cpu(2.4)) {
  return FleetBuilder().host(hot().runs(container)).host(calm("h2")).host(calm("h3"));
}

struct Row {
  const char* name;
  FleetSnapshot fleet;
  std::vector<std::string> moves;
  std::vector<std::string> says = {};  ///< Each stands in the plan's text.
  std::function<void(Policy&)> set = [](Policy&) {};
};

std::vector<std::string> moves_of(const Plan& plan) {
  std::vector<std::string> moves;
  moves.reserve(plan.moves.size());
  for (const Move& move : plan.moves) {
    moves.push_back(fmt::format("{} {}->{}", move.container.str(), move.from.str(), move.to.str()));
  }
  return moves;
}

class DecideTable : public testing::TestWithParam<Row> {};

TEST_P(DecideTable, Plans) {
  Policy policy;
  GetParam().set(policy);
  ASSERT_TRUE(check(policy).empty());
  const Plan plan = decide(GetParam().fleet, policy, builder_now);
  const std::string text = render_text(plan);
  EXPECT_EQ(moves_of(plan), GetParam().moves) << text;
  for (const std::string& said : GetParam().says) EXPECT_THAT(text, HasSubstr(said));
}

std::string name_of(const testing::TestParamInfo<Row>& row) { return row.param.name; }

FleetSnapshot with_silent(int silent, int answering) {
  FleetBuilder fleet = usual();
  for (int i = 0; i < silent; ++i) fleet.host(calm(fmt::format("s{}", i)).silent());
  for (int i = 0; i < answering; ++i) fleet.host(calm(fmt::format("a{}", i)));
  return fleet;
}

INSTANTIATE_TEST_SUITE_P(
    Detecting, DecideTable,
    testing::Values(
        Row{"nothing_is_over",
            FleetBuilder().host(calm("h1")).host(calm("h2")),
            {},
            {"no host is over its line"}},
        Row{"the_usual_case",
            usual(),
            {"burner h1->h2"},
            {"h1 at 96.0 % CPU, line 80, for 25.0 s",
             "moving it takes 2.40 cores and 100 MiB off, to 36.0 % CPU",
             "h2 is the least loaded of the 2 quickest with room: 5.0 MiB at 48 MiB/s "
             "(assumed)"}},
        Row{"a_spike_starts_nothing",
            FleetBuilder()
                .host(HostBuilder("h1").newest_cpu({100, 100, 100}).runs(burner()))
                .host(calm("h2")),
            {},
            {"no host is over its line"}},
        Row{"over_but_not_held",
            FleetBuilder()
                .host(HostBuilder("h1").newest_cpu({100, 100}).runs(burner()))
                .host(calm("h2")),
            {},
            {"h1 [not_held]: at 100.0 % CPU, line 80, over it in 2 of the last 5 evaluations, 3 "
             "are "
             "needed"},
            [](Policy& policy) { policy.window = seconds{5}; }},
        Row{"the_predecessors_sum",
            FleetBuilder()
                .host(HostBuilder("h1").load(70, 60, 45).runs(burner(2)))
                .host(calm("h2")),
            {"burner h1->h2"},
            {"h1 at sum 175.0 (CPU 70.0 %, memory 60.0 %, storage 45.0 %), line 150"},
            [](Policy& policy) { policy.scalar = Scalar::sum; }},
        Row{"sum_does_not_see_one_drowning_resource",
            FleetBuilder().host(HostBuilder("h1").load(99, 10, 10).runs(burner())).host(calm("h2")),
            {},
            {"no host is over its line"},
            [](Policy& policy) { policy.scalar = Scalar::sum; }},
        Row{"memory_counts_too",
            FleetBuilder()
                .host(HostBuilder("h1").load(20, 97).runs(ContainerBuilder("cache").memory(3 *
                                                                                           gib)))
                .host(calm("h2")),
            {"cache h1->h2"},
            {"h1 at 97.0 % memory, line 85"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    FailingClosed, DecideTable,
    testing::Values(
        Row{"empty_fleet", {}, {}, {"fleet [silent_fleet]: the fleet has no hosts"}},
        Row{"single_host",
            FleetBuilder().host(hot().runs(burner())),
            {},
            {"there is no other host", "h1 [no_destination]"}},
        Row{"all_overloaded",
            FleetBuilder().host(hot("h1").runs(burner())).host(hot("h2", 90)).host(hot("h3", 85)),
            {},
            {"h2: CPU would be at 165.0 %, target 72", "h2 [nothing_to_move]"}},
        Row{"all_silent",
            FleetBuilder().host(hot().runs(burner()).silent()).host(calm("h2").silent()),
            {},
            {"fleet [silent_fleet]: 2 of 2 hosts are silent", "h1 [silent]: it does not answer"}},
        Row{"one_in_five_silent", with_silent(1, 1), {"burner h1->a0"}, {"s0 [silent]"}},
        Row{"more_than_one_in_five_silent",
            with_silent(1, 0),
            {},
            {"1 of 4 hosts are silent, more than 20 %"}},
        Row{"a_drained_silent_host_is_no_alarm",
            usual().host(calm("h4").drained().silent()),
            {"burner h1->h2"}},
        Row{"a_stale_host_does_not_trigger",
            FleetBuilder()
                .host(HostBuilder("h1").load(96, 30, 40, seconds{30}).runs(burner()))
                .host(calm("h2"))
                .host(calm("h3"))
                .host(calm("h4"))
                .host(calm("h5")),
            {},
            {"h1 [silent]: last heard 30.0 s ago"}},
        Row{"docker_data_not_read",
            FleetBuilder().host(hot().set(&HostState::detailed, false)).host(calm("h2")),
            {},
            {"h1 [not_read]"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Choosing, DecideTable,
    testing::Values(
        Row{"nothing_explains_the_load",
            FleetBuilder()
                .host(hot().runs(ContainerBuilder("web").cpu(0.02)).runs(ContainerBuilder("db")))
                .host(calm("h2")),
            {},
            {"web on h1 [too_small]: it uses 0.02 cores",
             "h1 [nothing_to_move]: at 96.0 % CPU, line 80: nothing to move. Its 2 running "
             "containers use 0.03 of the 3.84 cores in use"}},
        Row{"the_only_one_is_not_movable",
            usual(burner().obstacle(&Obstacles::privileged, true)),
            {},
            {"burner on h1 [privileged]", "0 of them may be moved at all"}},
        Row{"one_that_suffices_beats_several",
            FleetBuilder()
                .host(hot()
                          .runs(ContainerBuilder("big").cpu(1.2))
                          .runs(ContainerBuilder("small1").cpu(0.5))
                          .runs(ContainerBuilder("small2").cpu(0.5)))
                .host(calm("h2")),
            {"big h1->h2"}},
        Row{"no_more_than_needed",
            FleetBuilder()
                .host(hot()
                          .runs(ContainerBuilder("bigger").cpu(2.0))
                          .runs(ContainerBuilder("enough").cpu(1.1)))
                .host(calm("h2")),
            {"enough h1->h2"}},
        Row{"relief_per_byte",
            FleetBuilder()
                .host(hot()
                          .runs(ContainerBuilder("heavy").cpu(1.2).data(20 * gib))
                          .runs(ContainerBuilder("light").cpu(1.2)))
                .host(calm("h2")),
            {"light h1->h2"}},
        Row{"an_image_that_is_elsewhere_is_light",
            FleetBuilder()
                .host(hot()
                          .runs(ContainerBuilder("aaa").cpu(1.2).image("i", gib))
                          .runs(ContainerBuilder("there").cpu(1.2).image("j", gib)))
                .host(calm("h2").has_image("j")),
            {"there h1->h2"}},
        Row{"two_where_one_is_not_enough",
            FleetBuilder()
                .host(
                    hot().runs(ContainerBuilder("a").cpu(0.6)).runs(ContainerBuilder("b").cpu(0.6)))
                .host(calm("h2"))
                .host(calm("h3")),
            {"a h1->h2", "b h1->h3"},
            {"to 81.0 % CPU", "to 66.0 % CPU"}},
        Row{"worst_host_first",
            FleetBuilder()
                .host(hot("h1", 90).runs(ContainerBuilder("a").cpu(1)))
                .host(hot("h2", 99).runs(ContainerBuilder("b").cpu(1.2)))
                .host(calm("h3").load(40)),
            {"b h2->h3"},
            {"a on h1 [no_destination]"}},
        Row{"too_big_for_everybody_then_the_next",
            FleetBuilder()
                .host(hot().runs(burner(2.5)).runs(ContainerBuilder("web").cpu(0.5)))
                .host(HostBuilder("h2").load(40)),
            {"web h1->h2"},
            {"burner on h1 [no_destination]: no host may take it: h2: CPU would be at 102.5 %"}},
        Row{"both_resources_are_relieved",
            FleetBuilder()
                .host(HostBuilder("h1")
                          .load(95, 95)
                          .runs(ContainerBuilder("cpu").cpu(2))
                          .runs(ContainerBuilder("mem").memory(3 * gib)))
                .host(calm("h2"))
                .host(calm("h3")),
            {"cpu h1->h2", "mem h1->h3"}},
        Row{"a_full_disk_is_not_relieved_by_moving",
            FleetBuilder()
                .host(HostBuilder("h1").load(20, 30, 95).runs(burner(0.5).data(20 * gib)))
                .host(calm("h2")),
            {},
            {"h1 [nothing_to_move]: at 95.0 % storage, line 90"}},
        Row{"a_label_asks",
            usual(burner(2.4).label("plimsoll.move", "ask")),
            {"burner h1->h2"},
            {"waits for approval"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    WorthIt, DecideTable,
    testing::Values(
        Row{"a_stop_that_costs_more_than_it_gives",
            usual(burner(2.4).data(40 * gib)),
            {},
            {"burner on h1 [gain_too_small]", "h1 [gain_too_small]"}},
        Row{"too_little_in_all",
            FleetBuilder()
                .host(hot("h1", 100).runs(ContainerBuilder("a").cpu(0.2)))
                .host(calm("h2")),
            {},
            {"h1 [gain_too_small]: all that can be moved would lower it by 5.0 %, at least 10 % is "
             "wanted"}},
        Row{"moves_given_up_take_no_room",
            FleetBuilder()
                .host(hot("h1", 100).runs(ContainerBuilder("a").cpu(0.3)))
                .host(hot("h2", 90).runs(ContainerBuilder("b").cpu(1.0)))
                .host(HostBuilder("h3").load(45)),
            {"b h2->h3"},
            {"h1 [gain_too_small]"}},
        Row{"limit_of_the_host",
            FleetBuilder()
                .host(hot("h1", 100)
                          .runs(ContainerBuilder("a").cpu(0.4))
                          .runs(ContainerBuilder("b").cpu(0.4))
                          .runs(ContainerBuilder("c").cpu(0.4)))
                .host(calm("h2"))
                .host(calm("h3")),
            {"a h1->h2", "b h1->h3"},
            {"h1 [host_limit]: its moves under way or planned: 2, of at most 2"}},
        Row{"limit_of_the_fleet",
            FleetBuilder()
                .host(hot("h1").runs(ContainerBuilder("a").cpu(1.2)))
                .host(hot("h2").runs(ContainerBuilder("b").cpu(1.2)))
                .host(calm("h3"))
                .host(calm("h4")),
            {"a h1->h3"},
            {"h2 [fleet_limit]: moves under way or planned in the fleet: 1, of at most 1"},
            [](Policy& policy) { policy.moves_in_fleet = 1; }},
        Row{"limit_of_the_destination",
            usual().host(calm("h4")).under_way("x", "h4", "h2", {}).under_way("y", "h4", "h2", {}),
            {"burner h1->h3"},
            {"h2: it takes part in 2 moves"}},
        Row{"searches_are_bounded",
            FleetBuilder()
                .host(
                    hot("h1").runs(ContainerBuilder("a").cpu(3)).runs(ContainerBuilder("b").cpu(3)))
                .host(HostBuilder("h2").load(60)),
            {},
            {"search number 1 for a destination was the last"},
            [](Policy& policy) { policy.searches_max = 1; }}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Oscillation, DecideTable,
    testing::Values(
        Row{"a_move_under_way_is_waited_for",
            usual().under_way("burner", "h1", "h2", {2.4, Bytes{100 * mib}, {}}),
            {},
            {"h1 [under_way]: moves under way bring it to 36.0 % CPU"}},
        Row{"what_is_under_way_is_not_planned_again",
            usual().under_way("burner", "h1", "h2", {}),
            {},
            {"burner on h1 [under_way]: it is being moved"}},
        Row{"its_samples_do_not_trigger",
            usual().under_way("x", "h1", "h2", {}, minutes{2}),
            {},
            {"h1 [not_held]", "what a move of its own disturbed does not count"}},
        Row{"samples_from_before_a_move_do_not_trigger",
            usual().moved("x", "h1", "h3", seconds{9}),
            {},
            {"h1 [not_held]"}},
        Row{"a_host_rests_after_giving",
            usual().moved("x", "h1", "h3", seconds{40}),
            {},
            {"h1 [host_cooldown]: it has given or received 40.0 s ago"}},
        Row{"then_it_may_give_again",
            usual().moved("x", "h1", "h3", seconds{61}),
            {"burner h1->h2"}},
        Row{"a_container_rests_after_a_move",
            usual().moved("burner", "h3", "h1", minutes{5}),
            {},
            {"burner on h1 [cooldown]: a move or try not long ago: it rests for 5 min"}},
        Row{"and_after_a_failed_try",
            usual().moved("burner", "h1", "h3", minutes{5}, false),
            {},
            {"burner on h1 [cooldown]"}},
        Row{"it_does_not_go_back",
            usual().moved("burner", "h2", "h1", minutes{30}),
            {"burner h1->h3"},
            {"h2: the container left it less than 1 h"}},
        Row{"later_it_may", usual().moved("burner", "h2", "h1", minutes{61}), {"burner h1->h2"}},
        Row{"another_of_that_name_elsewhere_is_not_meant",
            usual().moved("burner", "h2", "h3", minutes{5}),
            {"burner h1->h2"}}),
    name_of);

TEST(Decide, AMoveCarriesWhatTheMoverNeeds) {
  const FleetSnapshot fleet =
      FleetBuilder()
          .host(hot().runs(burner(2.4).port(8080).image("i", 112'000'000).data(1000)))
          .host(calm("h2"))
          .host(calm("h3").drained())
          .link("h1", "h2", 112e6, 0.001);
  const Plan plan = decide(fleet, Policy{}, builder_now);
  ASSERT_EQ(plan.moves.size(), 1U);
  const Move& move = plan.moves[0];
  EXPECT_EQ(move.predicted.bytes, Bytes{112'001'000});
  EXPECT_NEAR(move.predicted.transfer_s, 1.03, 0.01);
  EXPECT_TRUE(move.predicted.measured);
  EXPECT_EQ(move.demand.cpu_cores, 2.4);
  EXPECT_EQ(move.demand.storage, Bytes{112'001'000});
  ASSERT_EQ(move.ports.size(), 1U);
  ASSERT_EQ(move.considered.size(), 2U);
  EXPECT_EQ(move.considered[0].host, move.to);
  EXPECT_EQ(move.considered[1].refused, Rule::drained);
  EXPECT_THAT(move.reason, HasSubstr("h2 is the only one with room"));
}

TEST(Decide, RejectionsAreBounded) {
  FleetBuilder fleet;
  for (int i = 0; i < 300; ++i) fleet.host(calm(fmt::format("h{}", i)).silent());
  const Plan plan = decide(fleet, Policy{}, builder_now);
  EXPECT_EQ(plan.rejected.size(), Policy{}.explain_max);
  EXPECT_EQ(plan.rejected_more, 101U);
}

TEST(Decide, AssessmentsStandByName) {
  const FleetSnapshot fleet = FleetBuilder().host(calm("h2")).host(hot("h1"));
  const auto seen = assess(fleet, Policy{}, builder_now);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].host, HostId{"h1"});
  EXPECT_TRUE(seen[0].hot);
  EXPECT_FALSE(seen[1].hot);
  EXPECT_EQ(decide(fleet, Policy{}, builder_now).hosts.size(), 2U);
}

/// What the orchestrator does: the plan's move is under way, then past, and each time decide() is
/// asked again.
TEST(Decide, AMoveIsNotPlannedTwiceFromStartToRest) {
  FleetSnapshot fleet = usual();
  const Plan first = decide(fleet, Policy{}, builder_now);
  ASSERT_EQ(first.moves.size(), 1U);
  const Move& move = first.moves[0];
  fleet.under_way.push_back(
      {move.container, move.from, move.to, move.demand, move.ports, builder_now - seconds{5}});
  EXPECT_TRUE(decide(fleet, Policy{}, builder_now).moves.empty());
  fleet.under_way.clear();
  fleet.past.push_back({move.container, move.from, move.to, builder_now - seconds{9},
                        builder_now - seconds{2}, true});
  EXPECT_TRUE(decide(fleet, Policy{}, builder_now).moves.empty());
}

TEST(Decide, PressureIsRelievedByWhatUsesTheCpu) {
  HostState pressed = HostBuilder("h1")
                          .load(60)
                          .runs(ContainerBuilder("big").cpu(1.8))
                          .runs(ContainerBuilder("small").cpu(0.02));
  for (Sample& sample : pressed.samples) sample.used.pressure = 50;
  const FleetSnapshot fleet = FleetBuilder().host(pressed).host(HostBuilder("h2").load(10));
  Policy policy;
  EXPECT_TRUE(decide(fleet, policy, builder_now).moves.empty());
  policy.line.pressure = 20;
  const Plan plan = decide(fleet, policy, builder_now);
  ASSERT_EQ(plan.moves.size(), 1U);
  EXPECT_EQ(plan.moves[0].container.str(), "big");
}

TEST(Decide, ARisingHostDoesNotReceive) {
  std::vector<double> cpu;
  for (int i = 0; i < 121; ++i) cpu.push_back(0.45 * i);
  const FleetSnapshot fleet =
      FleetBuilder()
          .host(HostBuilder("h1").load(95).runs(ContainerBuilder("a").cpu(1)))
          .host(HostBuilder("h2").newest_cpu(cpu));
  Policy policy;
  policy.line.cpu = 90;
  EXPECT_EQ(decide(fleet, policy, builder_now).moves.size(), 1U);
  policy.forecast = true;
  EXPECT_TRUE(decide(fleet, policy, builder_now).moves.empty());
}

}  // namespace
}  // namespace plimsoll
