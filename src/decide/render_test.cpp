#include "decide/render.h"

#include <gtest/gtest.h>

#include "decide/decide.h"
#include "support/fleet_builder.h"
#include "support/golden.h"

namespace plimsoll {
namespace {

using namespace test;

/// Every part of a plan at once: a move with a loser, a container that stays, a silent host.
Plan rich_plan() {
  return decide(
      FleetBuilder()
          .host(HostBuilder("h1")
                    .cores(0.5)
                    .load(96)
                    .runs(ContainerBuilder("burner").cpu(0.42).label("plimsoll.move", "ask"))
                    .runs(ContainerBuilder("agent").obstacle(&Obstacles::is_plimsoll, true)))
          .host(HostBuilder("h2").cores(0.5).load(5, 74))
          .host(HostBuilder("h3").cores(1).load(4))
          .host(HostBuilder("h4").cores(1).load(4))
          .host(HostBuilder("h5").cores(1).load(50))
          .host(HostBuilder("h6").silent())
          .link("h1", "h3", 112e6, 0.0002)
          .link("h1", "h4", 2e6, 0.0002),
      Policy{}, builder_now);
}

TEST(Render, TextIsGolden) {
  const std::string text = render_text(rich_plan());
  EXPECT_EQ(text, golden_for("decide/plan.txt", text));
}

TEST(Render, JsonIsGolden) {
  const std::string json = one_member_a_line(render_json(rich_plan()));
  EXPECT_EQ(json, golden_for("decide/plan.json", json));
}

TEST(Render, ACalmFleetIsOneLine) {
  const Plan plan = decide(FleetBuilder().host(HostBuilder("h1")), Policy{}, builder_now);
  EXPECT_EQ(render_text(plan), "Nothing to do: no host is over its line.\n");
  EXPECT_EQ(render_json(plan),
            R"({"time":"2026-03-14T12:00:00.000Z","moves":[],"rejected":[],"rejected_more":0})");
}

TEST(Render, EveryRuleHasAName) {
  for (int rule = 0; rule <= static_cast<int>(Rule::link); ++rule) {
    EXPECT_FALSE(rule_name(static_cast<Rule>(rule)).empty());
  }
  EXPECT_EQ(rule_name(Rule::no_destination), "no_destination");
}

}  // namespace
}  // namespace plimsoll
