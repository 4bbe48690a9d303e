#include "decide/eligible.h"

#include <gmock/gmock.h>

#include "decide/labels.h"
#include "support/fleet_builder.h"

namespace plimsoll {
namespace {

using namespace test;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

std::vector<Obstacle> obstacles(const ContainerState& container, const Policy& policy = {}) {
  return obstacles_of(container, HostBuilder("h1").runs(container), policy);
}

struct Row {
  const char* name;
  ContainerState container;
  Rule rule;
  const char* says;
};

class EligibleTable : public testing::TestWithParam<Row> {};

TEST_P(EligibleTable, SaysWhy) {
  const auto found = obstacles(GetParam().container);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(rule_name(found[0].rule), rule_name(GetParam().rule));
  EXPECT_THAT(found[0].detail, HasSubstr(GetParam().says));
}

ContainerBuilder web() { return ContainerBuilder("web"); }

INSTANTIATE_TEST_SUITE_P(
    Containers, EligibleTable,
    testing::Values(
        Row{"paused", web().set(&ContainerState::state, "paused"), Rule::not_running, "is paused"},
        Row{"self", web().obstacle(&Obstacles::is_plimsoll, true), Rule::self, "Plimsoll"},
        Row{"unmeasured", web().set(&ContainerState::cpu_cores, std::nullopt), Rule::unmeasured,
            "not known"},
        Row{"never", web().label("plimsoll.move", "never"), Rule::label_never,
            "plimsoll.move=never"},
        Row{"move_misspelt", web().label("plimsoll.move", "nevr"), Rule::label_never,
            "plimsoll.move=nevr"},
        Row{"pinned", web().label("plimsoll.pin", "h1"), Rule::pinned, "pins it to h1"},
        Row{"quiet_unreadable", web().label("plimsoll.quiet", "at night"), Rule::quiet,
            "plimsoll.quiet: quiet hours 'at night'"},
        Row{"max_downtime_unreadable", web().label("plimsoll.max-downtime", "2"),
            Rule::max_downtime, "plimsoll.max-downtime"},
        Row{"host_network", web().obstacle(&Obstacles::host_network, true), Rule::host_network,
            "plimsoll.allow=host_network overrules"},
        Row{"host_pid", web().obstacle(&Obstacles::host_pid, true), Rule::host_pid, "processes"},
        Row{"container_network", web().obstacle(&Obstacles::network_of, "vpn"),
            Rule::container_network, "container vpn"},
        Row{"privileged", web().obstacle(&Obstacles::privileged, true), Rule::privileged,
            "privileged"},
        Row{"devices", web().obstacle(&Obstacles::devices, Texts{"/dev/kvm", "/dev/fuse"}),
            Rule::devices, "/dev/kvm, /dev/fuse"},
        Row{"docker_socket", web().obstacle(&Obstacles::docker_socket, true), Rule::docker_socket,
            "Docker's socket"},
        Row{"swarm", web().obstacle(&Obstacles::swarm_task, true), Rule::swarm, "Swarm"},
        Row{"auto_remove", web().obstacle(&Obstacles::auto_remove, true), Rule::auto_remove,
            "--rm"},
        Row{"bind_mount", web().obstacle(&Obstacles::bind_mounts, Texts{"/srv/web"}),
            Rule::bind_mount, "/srv/web"},
        Row{"foreign_volume", web().obstacle(&Obstacles::foreign_volumes, Texts{"data (nfs)"}),
            Rule::foreign_volume, "data (nfs)"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Eligible, APlainContainerIsMovable) {
  EXPECT_TRUE(obstacles(web().port(80).label("plimsoll.move", "auto")).empty());
}

TEST(Eligible, EveryReasonIsGiven) {
  EXPECT_EQ(obstacles(web()
                          .obstacle(&Obstacles::host_network, true)
                          .obstacle(&Obstacles::privileged, true)
                          .label("plimsoll.move", "never"))
                .size(),
            3U);
}

TEST(Eligible, TheOwnerMayOverruleWhatOnlyNeedsThought) {
  auto container = web()
                       .obstacle(&Obstacles::host_network, true)
                       .obstacle(&Obstacles::privileged, true)
                       .label("plimsoll.allow", "privileged, host_network");
  EXPECT_TRUE(obstacles(container).empty());
}

TEST(Eligible, NobodyOverrulesWhatCannotWork) {
  EXPECT_FALSE(
      obstacles(
          web().obstacle(&Obstacles::auto_remove, true).label("plimsoll.allow", "auto_remove"))
          .empty());
}

struct Mount {
  const char* name;
  const char* path;
  bool allowed;
};

class BindMountTable : public testing::TestWithParam<Mount> {};

TEST_P(BindMountTable, InsideAnAllowedFolder) {
  Policy policy;
  policy.allowed_bind_mounts = {"/srv/app", "/data/"};
  const auto container = web().obstacle(&Obstacles::bind_mounts, Texts{GetParam().path});
  EXPECT_EQ(obstacles(container, policy).empty(), GetParam().allowed);
}

INSTANTIATE_TEST_SUITE_P(Paths, BindMountTable,
                         testing::Values(Mount{"the_folder", "/srv/app", true},
                                         Mount{"below", "/srv/app/web/files", true},
                                         Mount{"below_with_slash", "/data/x", true},
                                         Mount{"like_named", "/srv/application", false},
                                         Mount{"above", "/srv", false},
                                         Mount{"climbs_out", "/srv/app/../../etc", false},
                                         Mount{"climbs_at_the_end", "/srv/app/..", false}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Eligible, AComposeProjectIsNotTornApart) {
  const ContainerState web_of = web().label("com.docker.compose.project", "shop");
  const ContainerState database =
      ContainerBuilder("db").label("com.docker.compose.project", "shop");
  const HostState host = HostBuilder("h1").runs(web_of).runs(database);
  const auto bound = bound_to_others(web_of, host);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->rule, Rule::group);
  EXPECT_THAT(bound->detail, HasSubstr("together with db ('shop'); plimsoll.group=none"));
  EXPECT_TRUE(obstacles_of(web_of, host, {}).empty()) << "with the others it may move";
}

TEST(Eligible, AGroupOfItsOwnSplitsAContainerOff) {
  const ContainerState web_of =
      web().label("com.docker.compose.project", "shop").label("plimsoll.group", "web");
  const ContainerState database =
      ContainerBuilder("db").label("com.docker.compose.project", "shop");
  const HostState host = HostBuilder("h1").runs(web_of).runs(database);
  EXPECT_FALSE(bound_to_others(web_of, host));
  EXPECT_FALSE(bound_to_others(database, host));
}

TEST(Eligible, WhatComesFromOutsideIsMadeFitToPrint) {
  const auto found = obstacles(web().label("plimsoll.move", "no\x1b[31m\n"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].detail.find('\x1b'), std::string::npos);
  EXPECT_EQ(found[0].detail.find('\n'), std::string::npos);
}

TEST(Labels, PinNamesAHostOrALabel) {
  const HostState host = HostBuilder("h1").label("zone", "north");
  EXPECT_TRUE(pin_allows(web(), host));
  EXPECT_TRUE(pin_allows(web().label("plimsoll.pin", "h1"), host));
  EXPECT_FALSE(pin_allows(web().label("plimsoll.pin", "h2"), host));
  EXPECT_TRUE(pin_allows(web().label("plimsoll.pin", "zone=north"), host));
  EXPECT_FALSE(pin_allows(web().label("plimsoll.pin", "zone=south"), host));
  EXPECT_FALSE(pin_allows(web().label("plimsoll.pin", "rack=7"), host));
}

TEST(Labels, APriorityIsANumberOrTheHighest) {
  const auto priority = [](const char* text) {
    return priority_of(ContainerBuilder("web").label("plimsoll.priority", text));
  };
  EXPECT_EQ(priority_of(ContainerBuilder("web")), 0);
  EXPECT_EQ(priority(" -20 "), -20);
  EXPECT_EQ(priority("100"), 100);
  EXPECT_EQ(priority("101"), 100);
  EXPECT_EQ(priority("high"), 100);
}

TEST(Labels, DefaultsAreForThoseWithoutTheirOwn) {
  ContainerState silent = ContainerBuilder("web").label("plimsoll.pin", " ");
  ContainerState own = ContainerBuilder("db").label("plimsoll.move", "auto");
  for (ContainerState* each : {&silent, &own}) {
    add_default_labels({{"plimsoll.move", "ask"}, {"plimsoll.pin", "h3"}}, *each);
  }
  EXPECT_EQ(move_label(silent), MoveLabel::ask);
  EXPECT_EQ(silent.labels.at("plimsoll.pin"), "h3");
  EXPECT_EQ(move_label(own), MoveLabel::automatic);
}

}  // namespace
}  // namespace plimsoll
