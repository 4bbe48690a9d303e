#include "top/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/top_fleet.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;

std::vector<std::string> names(const FleetView& view, const std::vector<std::size_t>& hosts) {
  std::vector<std::string> names;
  for (const std::size_t host : hosts) names.push_back(view.rows[host].name.str());
  return names;
}

FleetView fleet() {
  FleetView view;
  view.rows = {test::afloat("h10", 0.4, 10), test::afloat("h9", 1.3, 90),
               test::afloat("h2", 0.95, 70), test::afloat("a", 0.4, 50)};
  view.rows[1].assessed.over_line = true;
  view.rows[0].latest.memory = 90;
  view.rows[1].latest.storage.reset();
  HostRow silent;
  silent.name = HostId{"z"};
  view.rows.push_back(silent);
  view.snapshot.hosts.resize(view.rows.size());
  view.snapshot.hosts[3].labels = {{"zone", "eu"}};
  return view;
}

std::vector<std::string> sorted(Sorting sorting) {
  const FleetView view = fleet();
  return names(view, ordered_hosts(view, sorting, TextFilter{}));
}

TEST(HostOrder, TheDeepestComesFirstAndTheSilentStandAtTheLine) {
  EXPECT_THAT(sorted({SortKey::level}), ElementsAre("h9", "z", "h2", "a", "h10"));
  EXPECT_THAT(sorted({SortKey::level, true}), ElementsAre("a", "h10", "h2", "z", "h9"));
}

TEST(HostOrder, WhatIsNotKnownComesLastBothWays) {
  EXPECT_THAT(sorted({SortKey::cpu}), ElementsAre("h9", "h2", "a", "h10", "z"));
  EXPECT_THAT(sorted({SortKey::cpu, true}), ElementsAre("h10", "a", "h2", "h9", "z"));
  EXPECT_THAT(sorted({SortKey::storage}), ElementsAre("a", "h2", "h10", "h9", "z"));
  EXPECT_EQ(sorted({SortKey::memory}).front(), "h10");
}

TEST(HostOrder, NumbersInNamesCountByTheirValue) {
  EXPECT_THAT(sorted({SortKey::name}), ElementsAre("a", "h2", "h9", "h10", "z"));
  EXPECT_THAT(sorted({SortKey::name, true}), ElementsAre("z", "h10", "h9", "h2", "a"));
}

TEST(HostOrder, NamesAreComparedWithoutOverflowAndStably) {
  FleetView view;
  for (const char* name : {"h007", "h7", "h99999999999999999999999999", "h"}) {
    view.rows.push_back(test::afloat(name, 0, 0));
  }
  EXPECT_THAT(names(view, ordered_hosts(view, {SortKey::name}, TextFilter{})),
              ElementsAre("h", "h007", "h7", "h99999999999999999999999999"));
}

TEST(HostOrder, AHostMatchesByNameAddressAndLabels) {
  const FleetView view = fleet();
  const auto found = [&](const char* typed) {
    return names(view, ordered_hosts(view, {SortKey::name}, TextFilter{typed}));
  };
  EXPECT_THAT(found("^h"), ElementsAre("h2", "h9", "h10"));
  EXPECT_THAT(found("zone=eu"), ElementsAre("a"));
  EXPECT_THAT(found("!10.77"), ElementsAre("z"));
}

TEST(HostOrder, FaultsAreOverNearAndSilent) {
  const FleetView view = fleet();
  EXPECT_THAT(names(view, ordered_hosts(view, {}, TextFilter{}, true)),
              ElementsAre("h9", "z", "h2"));
}

TEST(ContainerOrder, ByCpuMemoryAndName) {
  const auto data = test::top_sample();
  const auto found = [&](SortKey key, const char* typed) {
    std::vector<std::string> names;
    for (const auto& place : ordered_containers(data.view, {0, 5}, {key}, TextFilter{typed})) {
      names.push_back(data.view.rows[place.host].containers[place.container].name.substr(0, 5));
    }
    return names;
  };
  EXPECT_THAT(found(SortKey::cpu, ""), ElementsAre("web", "worse", "db"));
  EXPECT_THAT(found(SortKey::memory, ""), ElementsAre("web", "worse", "db"));
  EXPECT_THAT(found(SortKey::name, ""), ElementsAre("db", "web", "worse"));
  EXPECT_THAT(found(SortKey::cpu, "shop/"), ElementsAre("web", "db"));
}

TEST(SortKeys, HaveNames) {
  EXPECT_EQ(parse_sort("memory"), SortKey::memory);
  EXPECT_EQ(parse_sort("scalar"), SortKey::level);
  EXPECT_EQ(parse_sort("loudness"), std::nullopt);
  EXPECT_EQ(sort_names(), "level, cpu, memory, storage, name");
}

}  // namespace
}  // namespace plimsoll
