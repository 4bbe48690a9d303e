#include "decide/unit.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "decide/decide.h"
#include "decide/render.h"
#include "support/fleet_builder.h"

// Each rule was broken once by one line, to see that a row turns red: the order, a member that
// stays, what earlier members take, the count as one move, units beside the spread.

namespace plimsoll {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

ContainerBuilder of_shop(const std::string& name, const std::string& needs = {}) {
  ContainerBuilder container{name};
  container.label("com.docker.compose.project", "shop").label("com.docker.compose.service", name);
  if (!needs.empty()) container.label("com.docker.compose.depends_on", needs);
  return container;
}

HostBuilder hot(double cpu = 96) { return HostBuilder("h1").load(cpu); }
HostBuilder calm(const std::string& name) { return HostBuilder(name).load(10); }

std::vector<std::string> told(const HostState& host) {
  std::vector<std::string> units;
  for (const Unit& unit : units_of(host)) units.push_back(describe_unit(unit));
  return units;
}

std::vector<std::string> moves_of(const Plan& plan) {
  std::vector<std::string> moves;
  for (const Move& move : plan.moves) {
    moves.push_back(fmt::format("{} {}->{} {}{}", move.container.str(), move.from.str(),
                                move.to.str(), move.unit, move.order));
  }
  return moves;
}

TEST(Unit, WhatIsNeededStartsFirst) {
  EXPECT_THAT(told(HostBuilder("h1")
                       .runs(of_shop("api", "db:service_healthy:false,cache:service_started:true"))
                       .runs(of_shop("cache"))
                       .runs(of_shop("db"))
                       .runs(of_shop("web", "api:service_started:false"))
                       .runs(ContainerBuilder("alone"))),
              ElementsAre("alone", "'shop' (cache, db, api, web)"));
}

TEST(Unit, ACircleDoesNotHang) {
  EXPECT_THAT(told(HostBuilder("h1").runs(of_shop("b", "a:x:y")).runs(of_shop("a", "b:x:y"))),
              ElementsAre("'shop' (a, b)"));
}

TEST(Unit, LabelsJoinAndSplit) {
  EXPECT_THAT(told(HostBuilder("h1")
                       .runs(of_shop("db"))
                       .runs(of_shop("web"))
                       .runs(of_shop("mail").label("plimsoll.group", "none"))
                       .runs(ContainerBuilder("proxy").label("plimsoll.group", "shop"))
                       .runs(of_shop("job").set(&ContainerState::state, "exited"))),
              ElementsAre("mail", "'shop' (db, proxy, web)"));
}

TEST(Unit, AGroupOfOneIsAlone) {
  EXPECT_THAT(told(HostBuilder("h1").runs(of_shop("web"))), ElementsAre("web"));
}

struct Row {
  const char* name;
  FleetSnapshot fleet;
  std::vector<std::string> moves;
  std::vector<std::string> says = {};
};

class UnitTable : public testing::TestWithParam<Row> {};

TEST_P(UnitTable, Plans) {
  const Plan plan = decide(GetParam().fleet, Policy{}, builder_now);
  const std::string text = render_text(plan);
  EXPECT_EQ(moves_of(plan), GetParam().moves) << text;
  for (const std::string& said : GetParam().says) EXPECT_THAT(text, HasSubstr(said));
}

HostBuilder shop_on(HostBuilder host, const ContainerState& web = of_shop("web").cpu(1.0)) {
  return host.runs(of_shop("db").cpu(0.6)).runs(web);
}

INSTANTIATE_TEST_SUITE_P(
    Projects, UnitTable,
    testing::Values(
        Row{"a_project_moves_as_one",
            FleetBuilder().host(shop_on(hot())).host(calm("h2")),
            {"db h1->h2 shop1", "web h1->h2 shop2"},
            {"'shop' (db, web) move as one and take 1.60 cores", "h2 is the only one with room"}},
        Row{"one_alone_is_preferred",
            FleetBuilder()
                .host(shop_on(hot()).runs(ContainerBuilder("alone").cpu(1.2)))
                .host(calm("h2")),
            {"alone h1->h2 0"}},
        Row{"after_those_alone_if_they_do_not_suffice",
            FleetBuilder()
                .host(shop_on(hot()).runs(ContainerBuilder("alone").cpu(0.5)))
                .host(calm("h2"))
                .host(calm("h3")),
            {"alone h1->h2 0", "db h1->h3 shop1", "web h1->h3 shop2"}},
        Row{"a_member_that_stays_keeps_all",
            FleetBuilder()
                .host(shop_on(hot(), of_shop("web").cpu(1).obstacle(&Obstacles::privileged, true)))
                .host(calm("h2")),
            {},
            {"web on h1 [privileged]: it is privileged; plimsoll.allow=privileged overrules; and "
             "so all of 'shop' (db, web) stays"}},
        Row{"all_must_fit_not_each",
            FleetBuilder().host(shop_on(hot())).host(HostBuilder("h2").load(40)),
            {},
            {"no host may take all of 'shop' (db, web): h2: web: CPU would be at 80.0 %"}},
        Row{"ports_of_every_member",
            FleetBuilder()
                .host(shop_on(hot(), of_shop("web").cpu(1).port(80)))
                .host(calm("h2").runs(ContainerBuilder("other").port(80)))
                .host(HostBuilder("h3").load(20)),
            {"db h1->h3 shop1", "web h1->h3 shop2"},
            {"not:    h2: web: its port 80 is in use"}},
        Row{"kept_apart_from_a_group_elsewhere",
            FleetBuilder()
                .host(shop_on(hot(), of_shop("web").cpu(1).label("plimsoll.apart", "front")))
                .host(calm("h2").runs(ContainerBuilder("blog").label("plimsoll.apart", "front")))
                .host(HostBuilder("h3").load(20)),
            {"db h1->h3 shop1", "web h1->h3 shop2"},
            {"h2: web: it is kept apart from others of 'front' there"}},
        Row{"members_kept_apart_from_each_other_stay",
            FleetBuilder()
                .host(hot()
                          .runs(of_shop("db").cpu(0.6).label("plimsoll.apart", "x"))
                          .runs(of_shop("web").cpu(1).label("plimsoll.apart", "x")))
                .host(calm("h2")),
            {},
            {"h2: web: it is kept apart"}},
        Row{"a_pin_of_one_is_a_pin_of_all",
            FleetBuilder()
                .host(shop_on(hot(), of_shop("web").cpu(1).label("plimsoll.pin", "disk=ssd")))
                .host(calm("h2"))
                .host(HostBuilder("h3").load(20).label("disk", "ssd")),
            {"db h1->h3 shop1", "web h1->h3 shop2"},
            {"h2: web: its owner pins it to disk=ssd"}},
        Row{"one_that_asks_makes_all_wait",
            FleetBuilder()
                .host(shop_on(hot(), of_shop("web").cpu(1).label("plimsoll.move", "ask")))
                .host(calm("h2")),
            {"db h1->h2 shop1", "web h1->h2 shop2"},
            {"db: h1 -> h2   (step 1, together as 'shop'; waits for approval"}},
        Row{"disk_for_all",
            FleetBuilder()
                .host(hot()
                          .runs(of_shop("db").cpu(0.6).data(3 * gib))
                          .runs(of_shop("web").cpu(1).data(3 * gib)))
                .host(calm("h2").free_disk(4 * gib)),
            {},
            {"h2: web: needs"}},
        Row{"too_small_to_be_felt",
            FleetBuilder()
                .host(hot().runs(of_shop("db").cpu(0.02)).runs(of_shop("web").cpu(0.02)))
                .host(calm("h2")),
            {},
            {"[too_small]: 'shop' (db, web) uses 0.04 cores"}},
        Row{"it_counts_as_one_move",
            FleetBuilder()
                .host(hot()
                          .runs(of_shop("a").cpu(0.5))
                          .runs(of_shop("b").cpu(0.5))
                          .runs(of_shop("c").cpu(0.5)))
                .host(calm("h2").runs(ContainerBuilder("x").cpu(0.1)))
                .under_way("x", "h3", "h2", {}),
            {"a h1->h2 shop1", "b h1->h2 shop2", "c h1->h2 shop3"}}),
    [](const auto& row) { return std::string{row.param.name}; });

/// With samples the CPU of hosts is judged by spread, container by container.
TEST(Unit, AProjectMovesWhateverJudgesTheHost) {
  const auto sampled = [](ContainerBuilder container, double cpu) {
    std::vector<ContainerSample> samples;
    for (int i = 20; i >= 0; --i) {
      samples.push_back({builder_now - std::chrono::minutes{i}, cpu, Bytes{8 * mib}});
    }
    return container.cpu(cpu).set(&ContainerState::samples, samples);
  };
  const Plan plan =
      decide(FleetBuilder()
                 .host(hot().runs(sampled(of_shop("db"), 0.6)).runs(sampled(of_shop("web"), 1.0)))
                 .host(calm("h2")),
             Policy{}, builder_now);
  EXPECT_THAT(moves_of(plan), ElementsAre("db h1->h2 shop1", "web h1->h2 shop2"))
      << render_text(plan);
}

TEST(Unit, WhatIsCarriedOutCountsAsOneMove) {
  const FleetSnapshot fleet = FleetBuilder().host(shop_on(HostBuilder("h1"))).host(calm("h2"));
  const Policy policy;
  Ledger ledger{fleet, policy, builder_now};
  const Company company{ledger, units_of(fleet.hosts[0]).front(), 0};
  const auto placement = place_company(ledger, company, Strictness{}, Preference::quickest);
  EXPECT_EQ(carry_out(ledger, company, placement, "because").size(), 2U);
  EXPECT_EQ(ledger.moves(), 1);
  EXPECT_EQ(ledger.book(0).moves, 1);
  EXPECT_EQ(ledger.book(1).moves, 1);
  EXPECT_NEAR(*ledger.book(1).load.cpu, 10 + 1.6 * 25, 1e-9);
}

TEST(Unit, ASharedImageIsSentOnce) {
  const FleetSnapshot fleet = FleetBuilder()
                                  .host(hot()
                                            .runs(of_shop("db").cpu(0.6).image("i", 100 * mib))
                                            .runs(of_shop("web").cpu(1).image("i", 100 * mib)))
                                  .host(calm("h2"));
  const Plan plan = decide(fleet, Policy{}, builder_now);
  ASSERT_EQ(plan.moves.size(), 2U);
  EXPECT_EQ(plan.moves[0].predicted.bytes, Bytes{100 * mib});
  EXPECT_EQ(plan.moves[1].predicted.bytes, Bytes{});
}

TEST(Unit, SharedLayersAreSentOnce) {
  const FleetSnapshot fleet =
      FleetBuilder()
          .host(
              hot()
                  .runs(of_shop("db").cpu(0.6).layer(1, Bytes{90 * mib}).layer(2, Bytes{10 * mib}))
                  .runs(of_shop("web").cpu(1).layer(1, Bytes{90 * mib}).layer(3, Bytes{20 * mib})))
          .host(calm("h2"));
  const Plan plan = decide(fleet, Policy{}, builder_now);
  ASSERT_EQ(plan.moves.size(), 2U);
  EXPECT_EQ(plan.moves[0].predicted.bytes, Bytes{100 * mib});
  EXPECT_EQ(plan.moves[1].predicted.bytes, Bytes{20 * mib});
}

TEST(Unit, ByHandOneIsNotTornOffUnlessForced) {
  const FleetSnapshot fleet = FleetBuilder().host(shop_on(HostBuilder("h1"))).host(calm("h2"));
  ManualMove wanted{ContainerName{"web"}, HostId{"h1"}, std::nullopt, false};
  const Plan refused = explain_manual(fleet, {}, builder_now, wanted);
  ASSERT_TRUE(refused.moves.empty());
  EXPECT_EQ(refused.rejected.at(0).rule, Rule::group);
  EXPECT_THAT(refused.rejected.at(0).detail, HasSubstr("together with db ('shop')"));
  wanted.force = true;
  EXPECT_EQ(explain_manual(fleet, {}, builder_now, wanted).moves.size(), 1U);
}

}  // namespace
}  // namespace plimsoll
