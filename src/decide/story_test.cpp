#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/fleet_story.h"

// Whole stories: what a fleet goes through when decide() steers it for minutes or hours.

namespace plimsoll {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// One busy host with room on two others.
FleetStory three_hosts() {
  FleetStory story;
  story.host("h1").host("h2").host("h3");
  story.runs("h1", "base", 1.0).runs("h2", "other", 0.8);
  return story;
}

FleetStory::Curve between(seconds from, seconds to, double cores, double otherwise = 0.2) {
  return [=](seconds now) { return now >= from && now < to ? cores : otherwise; };
}

TEST(Story, AnEvenLoadIsLeftAlone) {
  FleetStory story = three_hosts().runs("h1", "web", 2.0).live(hours{2});
  EXPECT_TRUE(story.moves().empty());
}

TEST(Story, ASpikeShorterThanTheHoldStartsNothing) {
  FleetStory story = three_hosts();
  story.runs("h1", ContainerBuilder("web"), between(minutes{5}, minutes{5} + seconds{20}, 3.0));
  EXPECT_TRUE(story.live(minutes{20}).moves().empty());
}

TEST(Story, SpikesThatComeBackStartNothing) {
  FleetStory story = three_hosts();
  story.runs("h1", ContainerBuilder("web"),
             [](seconds now) { return now.count() % 120 < 20 ? 3.0 : 0.2; });
  EXPECT_TRUE(story.live(hours{1}).moves().empty());
}

TEST(Story, ASustainedLoadIsMovedOnceAndStays) {
  FleetStory story = three_hosts();
  story.runs("h1", ContainerBuilder("web"), between(minutes{5}, hours{9}, 2.6));
  story.live(hours{2});
  ASSERT_EQ(story.moves().size(), 1U);
  EXPECT_EQ(story.moves()[0].move.container, ContainerName{"base"})
      << "it suffices, with less load";
  EXPECT_LT(story.cpu("h1"), 72);
  EXPECT_EQ(story.place_of("base"), "h3");
}

TEST(Story, TheWindowDecidesHowSoon) {
  Policy quick;
  quick.window = seconds{10};
  FleetStory story = three_hosts().with(quick);
  story.runs("h1", ContainerBuilder("web"), between(minutes{5}, hours{9}, 2.6)).live(minutes{6});
  ASSERT_EQ(story.moves().size(), 1U);
  EXPECT_LE(story.moves()[0].at - minutes{5}, seconds{20});
}

TEST(Story, ARampIsRelievedWhenItCrossesTheLine) {
  FleetStory story = three_hosts();
  story.runs("h1", ContainerBuilder("web"),
             [](seconds now) { return std::min(2.8, static_cast<double>(now.count()) / 1000); });
  story.live(hours{2});
  ASSERT_EQ(story.moves().size(), 1U);
  EXPECT_GT(story.moves()[0].at, seconds{2200});
}

TEST(Story, AContainerTooBigForAnybodyStaysWhereItIs) {
  FleetStory story;
  story.host("h1").host("h2").runs("h2", "other", 1.0);
  story.runs("h1", "hog", 3.9);
  EXPECT_TRUE(story.live(hours{4}).moves().empty());
}

TEST(Story, EverythingFullMovesNothing) {
  FleetStory story;
  for (const char* name : {"h1", "h2", "h3"}) {
    story.host(name);
    for (const char* part : {"a", "b", "c"}) story.runs(name, std::string{part} + name, 1.2);
  }
  EXPECT_TRUE(story.live(hours{2}).moves().empty());
}

TEST(Story, ANewHostIsUsed) {
  FleetStory story;
  story.host("h1").runs("h1", "a", 1.2).runs("h1", "b", 1.2).runs("h1", "c", 1.2);
  story.live(minutes{10});
  EXPECT_TRUE(story.moves().empty());
  story.host("h2").live(minutes{10});
  ASSERT_EQ(story.moves().size(), 1U);
  EXPECT_LT(story.cpu("h1"), 72);
}

TEST(Story, ADestinationThatFailsIsNotTriedForEver) {
  FleetStory story;
  story.host("h1").host("h2").refuses("h2");
  story.runs("h1", "a", 1.7).runs("h1", "b", 1.7).live(hours{5});
  EXPECT_GE(story.moves().size(), 4U) << "it is tried again";
  EXPECT_LE(story.moves().size(), 2U * 5) << "10, 20, 40, 80 and 160 minutes apart";
}

/// The load wanders from host to host every ten minutes, the worst thing for a balancer.
TEST(Story, AWanderingLoadDoesNotMakeContainersPingPong) {
  FleetStory story;
  for (int host = 0; host < 4; ++host) {
    const std::string name = "h" + std::to_string(host);
    story.host(name);
    for (int i = 0; i < 4; ++i) {
      story.runs(name, ContainerBuilder(name + "c" + std::to_string(i)),
                 [host](seconds now) { return now / minutes{10} % 4 == host ? 0.95 : 0.3; });
    }
  }
  story.live(hours{6});
  std::map<ContainerName, seconds> last;
  std::map<ContainerName, std::map<HostId, seconds>> left;
  for (const FleetStory::Done& done : story.moves()) {
    const ContainerName& name = done.move.container;
    EXPECT_TRUE(!last.contains(name) || done.at - last[name] >= minutes{10}) << name.str();
    const auto before = left[name].find(done.move.to);
    EXPECT_TRUE(before == left[name].end() || done.at - before->second >= hours{1}) << name.str();
    last[name] = done.at;
    left[name][done.move.from] = done.at;
  }
  EXPECT_LE(story.moves().size(), 60U);
}

TEST(Story, TwoThatKeepApartNeverMeet) {
  FleetStory story;
  story.host("h1").host("h2").host("h3");
  const auto apart = [](const char* name) {
    return ContainerBuilder(name).label("plimsoll.apart", "db");
  };
  story.runs("h2", apart("db2"), between({}, {}, 0));
  story.runs("h1", apart("db1"), [](seconds) { return 1.5; }).runs("h1", "fixed", 2.0);
  story.live(minutes{30});
  EXPECT_NE(story.place_of("db1"), story.place_of("db2"));
  EXPECT_EQ(story.moves().size(), 1U);
}

}  // namespace
}  // namespace plimsoll
