#include "decide/place.h"

#include <gmock/gmock.h>

#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::seconds;
using testing::HasSubstr;

/// Where `container`, on a busy h1, may go.
Placement placed(const ContainerState& container, const FleetBuilder& others,
                 const Search& search = {}) {
  FleetSnapshot fleet = others;
  fleet.hosts.push_back(HostBuilder("h1").load(95).runs(container));
  const Policy policy;
  const Ledger ledger{fleet, policy, builder_now};
  const std::size_t from = fleet.hosts.size() - 1;
  return place(ledger, traveller(ledger, fleet.hosts[from].containers[0], from), search);
}

ContainerBuilder web() { return ContainerBuilder("web").cpu(1.0).memory(gib); }
HostBuilder h2() { return HostBuilder("h2"); }

struct Row {
  const char* name;
  ContainerState container;
  HostState host;
  Rule rule;
  const char* says;
};

class FeasibleTable : public testing::TestWithParam<Row> {};

TEST_P(FeasibleTable, RefusesWithNumbers) {
  const Placement placement = placed(GetParam().container, FleetBuilder().host(GetParam().host));
  EXPECT_FALSE(placement.to);
  ASSERT_EQ(placement.considered.size(), 1U);
  const Verdict& verdict = placement.considered[0];
  EXPECT_EQ(verdict.host, HostId{"h2"});
  ASSERT_TRUE(verdict.refused);
  EXPECT_EQ(rule_name(*verdict.refused), rule_name(GetParam().rule));
  EXPECT_THAT(verdict.because, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, FeasibleTable,
    testing::Values(
        Row{"silent", web(), h2().silent(), Rule::silent, "does not answer"},
        Row{"stale", web(), h2().load(20, 30, 40, seconds{40}), Rule::silent,
            "telemetry is 40.0 s old"},
        Row{"drained", web(), h2().drained(), Rule::drained, "drained"},
        Row{"not_read", web(), h2().set(&HostState::detailed, false), Rule::not_read, "not read"},
        Row{"no_cores_known", web(), h2().set(&HostState::capacity, Capacity{}), Rule::unmeasured,
            "not known"},
        Row{"cpu", web(), h2().load(50), Rule::cpu, "CPU would be at 75.0 %, target 72"},
        Row{"memory", web(), h2().load(20, 70), Rule::memory,
            "memory would be at 82.5 %, target 76.5"},
        Row{"storage", web().data(50 * gib), h2().free_disk(70 * gib), Rule::storage,
            "storage would be at 90.0 %, target 81"},
        Row{"disk", web().data(10 * gib), h2().free_disk(11 * gib), Rule::disk,
            "needs 12 GiB free at Docker's root, has 11 GiB"},
        Row{"disk_unknown", web(),
            h2().set(&HostState::capacity, Capacity{4.0, Bytes{8 * gib}, {}, {}}), Rule::disk,
            "not known"},
        Row{"cpu_limit", web().set(&ContainerState::cpu_limit_cores, 3.0), h2().cores(2).load(0),
            Rule::limit, "3 cores, the host has 2"},
        Row{"memory_limit", web().set(&ContainerState::memory_limit, Bytes{6 * gib}),
            h2().memory(4 * gib), Rule::limit, "6.0 GiB of memory, the host has 4.0 GiB"},
        Row{"reservations", web().set(&ContainerState::memory_reservation, Bytes{5 * gib}),
            h2().runs(ContainerBuilder("db").set(&ContainerState::memory_reservation,
                                                 Bytes{4 * gib})),
            Rule::limit, "9.0 GiB"},
        Row{"architecture", web(), h2().set(&HostState::architecture, "arm64"), Rule::architecture,
            "for amd64, the host is arm64"},
        Row{"name", web(), h2().runs(ContainerBuilder("web").set(&ContainerState::state, "exited")),
            Rule::name_taken, "of that name"},
        Row{"port_of_a_container", web().port(8080), h2().runs(ContainerBuilder("db").port(8080)),
            Rule::port_taken, "port 8080"},
        Row{"port_of_the_host", web().port(53, Protocol::udp, "10.0.0.1"),
            h2().set(&HostState::ports_in_use,
                     std::vector<PublishedPort>{{53, Protocol::udp, "0.0.0.0"}}),
            Rule::port_taken, "port 53"},
        Row{"pin", web().label("plimsoll.pin", "h3"), h2(), Rule::pinned, "pins it to h3"},
        Row{"apart", web().label("plimsoll.apart", "db"),
            h2().runs(ContainerBuilder("other").label("plimsoll.apart", "db")), Rule::apart,
            "'db'"},
        Row{"max_downtime", web().data(gib).label("plimsoll.max-downtime", "5s"), h2(),
            Rule::max_downtime, "plimsoll.max-downtime is 5.0 s"}),
    [](const auto& row) { return std::string{row.param.name}; });

struct Fits {
  const char* name;
  ContainerState container;
  HostState host;
};

class RoomTable : public testing::TestWithParam<Fits> {};

TEST_P(RoomTable, Fits) {
  const Placement placement = placed(GetParam().container, FleetBuilder().host(GetParam().host));
  EXPECT_TRUE(placement.to) << summarise_refusals(placement);
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, RoomTable,
    testing::Values(
        Fits{"plain", web(), h2()}, Fits{"up_to_its_target", web(), h2().load(47)},
        Fits{"other_protocol", web().port(53),
             h2().runs(ContainerBuilder("dns").port(53, Protocol::udp))},
        Fits{"other_address", web().port(80, Protocol::tcp, "10.0.0.1"),
             h2().runs(ContainerBuilder("db").port(80, Protocol::tcp, "10.0.0.2"))},
        Fits{"port_of_a_stopped_one", web().port(80),
             h2().runs(ContainerBuilder("db").port(80).set(&ContainerState::state, "exited"))},
        Fits{"limit_past_both_hosts", web().set(&ContainerState::cpu_limit_cores, 16.0), h2()},
        Fits{"pinned_by_label", web().label("plimsoll.pin", "zone=a"), h2().label("zone", "a")},
        Fits{"image_architecture_unknown", web().set(&ContainerState::architecture, ""),
             h2().set(&HostState::architecture, "arm64")},
        Fits{"apart_from_others", web().label("plimsoll.apart", "db"),
             h2().runs(ContainerBuilder("other").label("plimsoll.apart", "web"))},
        Fits{"quick_enough", web().label("plimsoll.max-downtime", "5s"), h2()}),
    [](const auto& row) { return std::string{row.param.name}; });

std::string chosen(const Placement& placement) {
  return placement.to ? placement.considered.at(0).host.str() : "none";
}

TEST(Place, TheQuickestWins) {
  const Placement placement = placed(web().image("i", gib), FleetBuilder()
                                                                .host(HostBuilder("h2").load(1))
                                                                .host(HostBuilder("h3"))
                                                                .link("h1", "h2", 20e6)
                                                                .link("h1", "h3", 112e6));
  EXPECT_EQ(chosen(placement), "h3");
  EXPECT_EQ(placement.feasible, 2U);
  EXPECT_EQ(placement.equally_quick, 1U);
}

TEST(Place, LayersThatAreThereBeatAFastLink) {
  const Placement placement =
      placed(web().image("i", gib), FleetBuilder()
                                        .host(HostBuilder("h2").has_image("i"))
                                        .host(HostBuilder("h3"))
                                        .link("h1", "h2", 5e6)
                                        .link("h1", "h3", 112e6));
  EXPECT_EQ(chosen(placement), "h2");
  EXPECT_EQ(placement.predicted.bytes, Bytes{0});
}

TEST(Place, AmongEquallyQuickOnesTheOneThatLiesHighest) {
  const Placement placement = placed(web(), FleetBuilder()
                                                .host(HostBuilder("h2").load(40))
                                                .host(HostBuilder("h3").load(10))
                                                .host(HostBuilder("h4").load(30)));
  EXPECT_EQ(chosen(placement), "h3");
  EXPECT_EQ(placement.equally_quick, 3U);
}

TEST(Place, AmongEqualOnesTheFirstByName) {
  EXPECT_EQ(chosen(placed(web(), FleetBuilder().host(HostBuilder("h4")).host(HostBuilder("h3")))),
            "h3");
}

TEST(Place, ALinkWithoutGoodputIsNoWay) {
  const Placement placement =
      placed(web(), FleetBuilder().host(HostBuilder("h2")).link("h1", "h2", 0));
  EXPECT_EQ(chosen(placement), "none");
  EXPECT_EQ(placement.considered[0].refused, Rule::link);
}

TEST(Place, WhatIsUnderWayTakesRoomPortAndName) {
  FleetSnapshot fleet =
      FleetBuilder()
          .host(h2().load(40))
          .host(HostBuilder("h3"))
          .under_way("other", "h3", "h2", {.cpu_cores = 1, .memory = {}, .storage = {}});
  fleet.under_way[0].ports = {{8080, Protocol::tcp, {}}};
  const auto why = [&](const ContainerState& container) {
    FleetBuilder builder;
    for (const HostState& host : fleet.hosts) builder.host(host);
    FleetSnapshot copy = fleet;
    copy.hosts.push_back(HostBuilder("h1").load(95).runs(container));
    const Policy policy;
    const Ledger ledger{copy, policy, builder_now};
    const Search search{.strictness = {}, .only = 0};
    return place(ledger, traveller(ledger, copy.hosts[2].containers[0], 2), search)
        .considered[0]
        .refused;
  };
  EXPECT_EQ(why(web()), Rule::cpu);
  EXPECT_EQ(why(web().cpu(0.1).port(8080)), Rule::port_taken);
  EXPECT_EQ(why(ContainerBuilder("other").cpu(0.1)), Rule::name_taken);
  EXPECT_EQ(why(web().cpu(0.1)), std::nullopt);
}

TEST(Place, AnArrivalKeepsItsDistance) {
  const ContainerState guard = ContainerBuilder("guard").label("plimsoll.apart", "db");
  FleetBuilder others = FleetBuilder()
                            .host(h2())
                            .host(HostBuilder("h3").runs(guard))
                            .under_way("guard", "h3", "h2", {});
  const Placement placement = placed(web().label("plimsoll.apart", "db"), others);
  EXPECT_FALSE(placement.to);
  EXPECT_EQ(placement.considered[0].refused, Rule::apart);
}

TEST(Place, AReceiverWhoseLoadSinceItsLastMoveIsUnknownWaits) {
  const Placement placement = placed(
      web(), FleetBuilder().host(h2()).host(HostBuilder("h3")).moved("x", "h3", "h2", Duration{0}));
  EXPECT_FALSE(placement.to);
  EXPECT_EQ(placement.considered[0].refused, Rule::host_cooldown);
}

TEST(Place, ExplainsNoMoreThanAsked) {
  FleetBuilder others;
  for (int i = 100; i < 400; ++i) others.host(HostBuilder("n" + std::to_string(i)));
  const Placement placement = placed(web(), others);
  EXPECT_EQ(placement.considered.size(), Policy{}.explain_max);
  EXPECT_EQ(placement.considered_more, 100U);
}

TEST(Place, SummaryNamesThree) {
  FleetBuilder others;
  for (const char* name : {"h2", "h3", "h4", "h5"}) others.host(HostBuilder(name).drained());
  EXPECT_EQ(summarise_refusals(placed(web(), others)),
            "h2: it is drained; h3: it is drained; h4: it is drained; 1 more");
  EXPECT_EQ(summarise_refusals(placed(web(), FleetBuilder())), "there is no other host");
}

}  // namespace
}  // namespace plimsoll
