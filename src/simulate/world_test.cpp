#include "simulate/world.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll {
namespace {

using std::chrono::seconds;

/// A scenario and its world, stepped by hand.
class Fleet {
 public:
  explicit Fleet(const std::string& text)
      : scenario_(read_scenario("story = \"A test.\"\nduration = \"1h\"\nwatched = \"0s\"\n" +
                                    text + "[expect]\n",
                                "world.toml")
                      .value()),
        world_(scenario_) {}

  Fleet& live(seconds until) {
    for (; now_ <= until; now_ += seconds{5}) world_.live_until(scenario_.start + now_);
    return *this;
  }
  Fleet& move(const std::string& container, const std::string& from, const std::string& to,
              const std::string& unit = "", int order = 0) {
    Move move;
    move.container = ContainerName{container};
    move.from = HostId{from};
    move.to = HostId{to};
    move.unit = unit;
    move.order = order;
    ordered_.push_back(move);
    return *this;
  }
  Fleet& go(World::Turns turns = World::Turns::within_units) {
    world_.order(std::exchange(ordered_, {}), turns);
    return *this;
  }
  [[nodiscard]] const FleetSnapshot& seen() const { return world_.seen(); }
  [[nodiscard]] const HostState& host(std::size_t at) const { return seen().hosts[at]; }
  [[nodiscard]] double cpu(std::size_t at) const { return *host(at).samples.back().used.cpu; }
  [[nodiscard]] World& world() { return world_; }

 private:
  Scenario scenario_;
  World world_;
  seconds now_{0};
  std::vector<Move> ordered_;
};

const char* const two_hosts = R"(
[[host]]
name = "h"
count = 2
[[container]]
name = "web"
on = "h1"
cpu = 2.0
memory = "2GiB"
volumes = "200MiB"
)";

TEST(World, TellsWhatIsUsed) {
  Fleet fleet{two_hosts};
  fleet.live(seconds{60});
  EXPECT_DOUBLE_EQ(fleet.cpu(0), 50);
  EXPECT_DOUBLE_EQ(fleet.cpu(1), 0);
  EXPECT_DOUBLE_EQ(*fleet.host(0).samples.back().used.memory, 25);
  EXPECT_DOUBLE_EQ(*fleet.host(0).samples.back().used.storage, 40);
  EXPECT_DOUBLE_EQ(*fleet.host(0).containers[0].cpu_cores, 2);
  EXPECT_EQ(fleet.host(0).containers[0].samples.size(), 1U) << "one a window";
  EXPECT_NEAR(*fleet.world().level_of_host(0), 50.0 / 80, 1e-9);
}

TEST(World, TellsOnlyAsMuchHistoryAsIsAskedFor) {
  Fleet fleet{two_hosts};
  fleet.live(seconds{1800});
  EXPECT_LT(fleet.host(0).samples.size(), 60U);
  EXPECT_GE(seconds{5} * fleet.host(0).samples.size(), history_needed(Policy{}));
}

TEST(World, NobodyGetsMoreThanThereIs) {
  Fleet fleet{R"([[host]]
name = "h1"
[[container]]
name = "c"
count = 2
on = "h1"
cpu = 4.0
)"};
  fleet.live(seconds{60});
  EXPECT_DOUBLE_EQ(fleet.cpu(0), 100);
  EXPECT_DOUBLE_EQ(*fleet.host(0).containers[0].cpu_cores, 2);
  EXPECT_DOUBLE_EQ(*fleet.host(0).samples.back().used.pressure, 50);
}

TEST(World, LimitsHold) {
  Fleet fleet{R"([[host]]
name = "h1"
[[container]]
name = "c"
on = "h1"
cpu = 4.0
cpu_limit = 1.5
memory = "4GiB"
memory_limit = "1GiB"
)"};
  fleet.live(seconds{60});
  EXPECT_DOUBLE_EQ(*fleet.host(0).containers[0].cpu_cores, 1.5);
  EXPECT_EQ(fleet.host(0).containers[0].memory, Bytes{gib});
}

TEST(World, AMoveTakesItsTimeAndBothSides) {
  Fleet fleet{two_hosts};
  fleet.live(seconds{60}).move("web", "h1", "h2").go().live(seconds{65});
  EXPECT_DOUBLE_EQ(fleet.cpu(0), 50);
  EXPECT_DOUBLE_EQ(fleet.cpu(1), 50) << "under way it counts on both";
  EXPECT_EQ(fleet.seen().under_way.size(), 1U);
  fleet.live(seconds{90});
  EXPECT_DOUBLE_EQ(fleet.cpu(0), 0);
  EXPECT_DOUBLE_EQ(fleet.cpu(1), 50);
  EXPECT_TRUE(fleet.seen().under_way.empty());
  ASSERT_EQ(fleet.seen().past.size(), 1U);
  EXPECT_TRUE(fleet.seen().past[0].succeeded);
  EXPECT_EQ(fleet.host(1).containers.size(), 1U);
  EXPECT_EQ(fleet.host(1).image_ids.size(), 1U) << "its image is there now";
  EXPECT_EQ(fleet.world().place_of(0), 1U);
}

TEST(World, AMoveToADeadHostFails) {
  Fleet fleet{std::string{two_hosts} + "[[event]]\nat = \"65s\"\nwhat = \"lost\"\nhost = \"h2\"\n"};
  fleet.live(seconds{60}).move("web", "h1", "h2").go().live(seconds{90});
  ASSERT_EQ(fleet.seen().past.size(), 1U);
  EXPECT_FALSE(fleet.seen().past[0].succeeded);
  EXPECT_EQ(fleet.world().place_of(0), 0U);
  EXPECT_FALSE(fleet.host(1).up);
  EXPECT_EQ(fleet.world().level_of_host(1), std::nullopt);
}

TEST(World, AMoveThatIsRefusedFailsAtItsEnd) {
  Fleet fleet{std::string{two_hosts} +
              "[[event]]\nat = \"0s\"\nwhat = \"refuses\"\nhost = \"h2\"\n"};
  fleet.live(seconds{60}).move("web", "h1", "h2").go().live(seconds{62});
  EXPECT_EQ(fleet.seen().under_way.size(), 1U);
  fleet.live(seconds{90});
  ASSERT_EQ(fleet.seen().past.size(), 1U);
  EXPECT_FALSE(fleet.seen().past[0].succeeded);
}

const char* const a_pair = R"(
[[host]]
name = "h"
count = 2
[[container]]
name = "c"
on = "h1"
count = 2
cpu = 0.5
)";

TEST(World, MovesOfAUnitTakeTurns) {
  Fleet fleet{a_pair};
  fleet.live(seconds{60}).move("c1", "h1", "h2", "shop", 1).move("c2", "h1", "h2", "shop", 2).go();
  EXPECT_EQ(fleet.seen().under_way.size(), 2U) << "both are ordered";
  EXPECT_EQ(fleet.world().take_started(), std::vector<std::size_t>{0});
  fleet.live(seconds{70});
  EXPECT_EQ(fleet.world().take_started(), std::vector<std::size_t>{1});
  fleet.live(seconds{120});
  EXPECT_EQ(fleet.host(1).containers.size(), 2U);
}

TEST(World, WhatFollowsAFailedMoveIsNotDone) {
  Fleet fleet{std::string{a_pair} + "[[event]]\nat = \"0s\"\nwhat = \"refuses\"\nhost = \"h2\"\n"};
  fleet.live(seconds{60}).move("c1", "h1", "h2", "", 1).move("c2", "h1", "h2", "", 2);
  fleet.go(World::Turns::among_all).live(seconds{120});
  EXPECT_TRUE(fleet.seen().under_way.empty());
  EXPECT_EQ(fleet.seen().past.size(), 1U) << "the second never began";
}

TEST(World, ASilentHostKeepsItsLastFigures) {
  Fleet fleet{std::string{two_hosts} +
              "[[event]]\nat = \"30s\"\nwhat = \"silent\"\nhost = \"h1\"\n" +
              "[[event]]\nat = \"90s\"\nwhat = \"back\"\nhost = \"h1\"\n"};
  fleet.live(seconds{60});
  EXPECT_FALSE(fleet.host(0).up);
  EXPECT_EQ(fleet.host(0).samples.size(), 6U);
  EXPECT_EQ(fleet.host(0).last_seen, fleet.host(0).samples.back().time);
  EXPECT_NEAR(*fleet.world().level_of_host(0), 50.0 / 80, 1e-9) << "it lives on";
  EXPECT_TRUE(fleet.live(seconds{95}).host(0).up);
}

TEST(World, AStaleHostAnswersWithOldFigures) {
  Fleet fleet{std::string{two_hosts} +
              "[[event]]\nat = \"30s\"\nwhat = \"stale\"\nhost = \"h1\"\n"};
  fleet.live(seconds{60});
  EXPECT_TRUE(fleet.host(0).up);
  EXPECT_EQ(fleet.host(0).samples.size(), 6U);
}

TEST(World, AHostThatArrivesIsNotThereBefore) {
  Fleet fleet{std::string{two_hosts} +
              "[[event]]\nat = \"30s\"\nwhat = \"arrives\"\nhost = \"h2\"\n"};
  EXPECT_EQ(fleet.live(seconds{25}).seen().hosts.size(), 1U);
  EXPECT_EQ(fleet.live(seconds{30}).seen().hosts.size(), 2U);
}

TEST(World, ADrainIsAskedForAgainLater) {
  Fleet fleet{std::string{two_hosts} +
              "[[event]]\nat = \"30s\"\nwhat = \"drain\"\nhost = \"h1\"\n"};
  fleet.live(seconds{30});
  EXPECT_TRUE(fleet.host(0).drained);
  EXPECT_TRUE(fleet.world().take_emptying(0));
  EXPECT_FALSE(fleet.world().take_emptying(0));
  EXPECT_TRUE(fleet.live(seconds{330}).world().take_emptying(0));
}

TEST(World, NoiseIsInTheTelemetryNotInTheTruth) {
  Fleet fleet{"telemetry_noise = 3\n" + std::string{two_hosts}};
  fleet.live(seconds{60});
  EXPECT_NE(fleet.cpu(0), 50);
  EXPECT_NEAR(fleet.cpu(0), 50, 18);
  EXPECT_NEAR(*fleet.world().level_of_host(0), 50.0 / 80, 1e-9);
}

TEST(World, UnknownFiguresAreNotTold) {
  Fleet fleet{R"([[host]]
name = "h1"
measured = false
[[container]]
name = "c"
on = "h1"
measured = false
)"};
  fleet.live(seconds{60});
  EXPECT_EQ(fleet.host(0).capacity.cpu_cores, std::nullopt);
  EXPECT_EQ(fleet.host(0).containers[0].cpu_cores, std::nullopt);
  EXPECT_TRUE(fleet.host(0).containers[0].samples.empty());
}

}  // namespace
}  // namespace plimsoll
