#include "decide/explain.h"

#include <gmock/gmock.h>

#include "support/fleet_builder.h"
#include "support/golden.h"

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

/// A host in need with something of everything on it, and neighbours that say no in different ways.
FleetSnapshot fleet() {
  return FleetBuilder()
      .host(HostBuilder("h1")
                .load(96)
                .runs(ContainerBuilder("api").cpu(1.2).image("api:2", 80 * mib))
                .runs(ContainerBuilder("vpn").cpu(0.4).obstacle(&Obstacles::host_network, true))
                .runs(ContainerBuilder("db").cpu(0.3).label("com.docker.compose.project", "shop"))
                .runs(ContainerBuilder("web")
                          .cpu(0.3)
                          .label("com.docker.compose.project", "shop")
                          .label("plimsoll.move", "never")))
      .host(HostBuilder("h2").load(60).runs(ContainerBuilder("mail").cpu(0.1)))
      .host(HostBuilder("h3").load(20))
      .host(HostBuilder("h4").load(10).drained())
      .host(HostBuilder("h5").load(10, 75))
      .host(HostBuilder("h6").load(10, 30, 40, seconds{30}))
      .link("h1", "h3", 112e6, 0.0002)
      .moved("mail", "h7", "h2", minutes{3});
}

std::string about(const char* name, const FleetSnapshot& of = fleet()) {
  const auto text = explain(of, Policy{}, builder_now, name);
  return text ? *text : text.error().message;
}

struct Row {
  const char* name;
  const char* subject;
};

class ExplainGolden : public testing::TestWithParam<Row> {};

TEST_P(ExplainGolden, Text) {
  const std::string text = about(GetParam().subject);
  EXPECT_EQ(text, golden_for(std::string{"decide/explain_"} + GetParam().name + ".txt", text));
}

INSTANTIATE_TEST_SUITE_P(Subjects, ExplainGolden,
                         testing::Values(Row{"host_in_need", "h1"}, Row{"host_after_a_move", "h2"},
                                         Row{"host_with_room", "h3"}, Row{"host_drained", "h4"},
                                         Row{"host_full", "h5"}, Row{"host_silent", "h6"},
                                         Row{"container_moved", "api"},
                                         Row{"container_not_movable", "vpn"},
                                         Row{"container_of_a_unit", "db"},
                                         Row{"container_resting", "mail"}),
                         [](const auto& row) { return std::string{row.param.name}; });

ContainerState with_history(const char* name, double low, double high) {
  ContainerState container = ContainerBuilder(name).cpu((4 * low + high) / 5);
  for (int i = 0; i < 36; ++i) {
    const double cores = i % 5 == 2 ? high : low;
    container.samples.push_back({builder_now - (35 - i) * minutes{1}, cores, Bytes{8 * mib}});
  }
  return container;
}

/// Judged by the spread of what containers use: h1 is at risk, though far below its line.
FleetSnapshot bursty_fleet() {
  HostBuilder h1 = HostBuilder("h1").load(69);
  for (const char* name : {"c0", "c1", "c2", "c3", "c4", "c5"}) {
    h1.runs(with_history(name, 0.2, 1.5));
  }
  return FleetBuilder()
      .host(h1)
      .host(HostBuilder("h2").load(5).runs(with_history("calm", 0.2, 0.2)))
      .host(HostBuilder("h3").load(5, 75).runs(with_history("quiet", 0.1, 0.3)))
      .host(HostBuilder("h4").load(5).drained().runs(with_history("old", 0.2, 0.2)));
}

class ExplainSpread : public testing::TestWithParam<Row> {};

TEST_P(ExplainSpread, Text) {
  const std::string text = about(GetParam().subject, bursty_fleet());
  EXPECT_EQ(text,
            golden_for(std::string{"decide/explain_spread_"} + GetParam().name + ".txt", text));
}

INSTANTIATE_TEST_SUITE_P(Subjects, ExplainSpread,
                         testing::Values(Row{"host_at_risk", "h1"}, Row{"host_calm", "h2"},
                                         Row{"container_moved", "c0"},
                                         Row{"container_of_a_calm_host", "calm"}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Explain, AHostAtRiskBelowItsLineIsNotToldThatThereIsNoNeed) {
  const std::string text = about("h1", bursty_fleet());
  EXPECT_EQ(text.find("no need"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("to want more than it has"));
  EXPECT_THAT(text, HasSubstr("yes: c"));
}

TEST(Explain, ANameThatIsNothingIsSaidSo) {
  EXPECT_EQ(about("hh"),
            "neither a host nor a container is called 'hh'; the hosts are h1, h2, h3, h4, h5, h6");
  EXPECT_EQ(about("x", {}), "neither a host nor a container is called 'x'; the hosts are none");
}

TEST(Explain, OneNameOnTwoHostsIsToldTwice) {
  const std::string text = about("web", FleetBuilder()
                                            .host(HostBuilder("h1").runs(ContainerBuilder("web")))
                                            .host(HostBuilder("h2").runs(ContainerBuilder("web"))));
  EXPECT_THAT(text, HasSubstr("web on h1"));
  EXPECT_THAT(text, HasSubstr("web on h2"));
  EXPECT_THAT(text, HasSubstr("it has a container of that name"));
}

TEST(Explain, ALargeFleetIsCutShort) {
  FleetBuilder large;
  large.host(HostBuilder("h").runs(ContainerBuilder("web")));
  for (int i = 0; i < 80; ++i) large.host(HostBuilder("h" + std::to_string(i)).load(90));
  EXPECT_THAT(about("web", large), HasSubstr("and 30 more"));
}

TEST(Explain, ASilentFleetIsTheReasonForAll) {
  const std::string text =
      about("h1", FleetBuilder().host(HostBuilder("h1").load(96)).host(HostBuilder("h2").silent()));
  EXPECT_THAT(text, HasSubstr("1 of 2 hosts are silent"));
}

}  // namespace
}  // namespace plimsoll
