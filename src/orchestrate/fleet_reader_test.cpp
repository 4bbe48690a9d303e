#include "orchestrate/fleet_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

HostAssessment host(const std::string& name, double level, bool hot = false) {
  HostAssessment assessed;
  assessed.host = HostId{name};
  assessed.up = true;
  assessed.stale = false;
  assessed.level = level;
  assessed.hot = hot;
  return assessed;
}

std::vector<std::string> names(const std::set<HostId>& hosts) {
  std::vector<std::string> texts;
  texts.reserve(hosts.size());
  for (const HostId& id : hosts) texts.push_back(id.str());
  return texts;
}

TEST(ReadingList, AsksTheHotAndTheOnesWithMostRoom) {
  const auto list =
      reading_list({host("a", 1.3, true), host("b", 0.5), host("c", 0.2), host("d", 0.4)}, 2);
  EXPECT_THAT(names(list.sources), ElementsAre("a"));
  EXPECT_THAT(names(list.receivers), ElementsAre("c", "d"));
}

TEST(ReadingList, NobodyAsksASilentHost) {
  auto stale = host("a", 0.1);
  stale.stale = true;
  auto down = host("b", 0.1);
  down.up = false;
  auto unknown = host("c", 0.1);
  unknown.level.reset();
  EXPECT_THAT(reading_list({stale, down, unknown}).receivers, IsEmpty());
}

struct MovesTest : testing::Test {
  TempDir dir;
  Journal journal = Journal::open(dir.path() / "journal.db").value();

  void add(const std::string& id, MoveState state, std::int64_t created) {
    MoveRecord record;
    record.id = MoveId{id};
    record.container = ContainerName{id};
    record.members = {{record.container, "", "", "", "", 0, "", "", {}}};
    record.from = HostId{"h1"};
    record.to = HostId{"h2"};
    record.created = TimePoint{Duration{created}};
    record.progress.state = state;
    record.demand.cpu_cores = 0.5;
    record.members[0].ports = {{8080, Protocol::tcp, ""}};
    ASSERT_TRUE(journal.add(record));
  }
};

TEST_F(MovesTest, UnderWayAndPastAreToldApart) {
  add("planned", MoveState::planned, 100);
  add("approved", MoveState::approved, 100);
  add("moving", MoveState::image_staged, 100);
  add("moved", MoveState::source_retired, 100);
  add("failed", MoveState::rolled_back, 100);
  add("dropped", MoveState::superseded, 100);
  add("long-ago", MoveState::source_retired, 10);
  FleetSnapshot fleet;
  ASSERT_TRUE(add_moves(fleet, journal, TimePoint{Duration{50}}));
  std::vector<std::string> under_way;
  under_way.reserve(fleet.under_way.size());
  for (const auto& move : fleet.under_way) under_way.push_back(move.container.str());
  EXPECT_THAT(under_way, ElementsAre("approved", "moving"));
  EXPECT_EQ(fleet.under_way.front().demand.cpu_cores, 0.5);
  ASSERT_EQ(fleet.under_way.front().ports.size(), 1U);
  EXPECT_EQ(fleet.under_way.front().ports[0].port, 8080);
  ASSERT_EQ(fleet.past.size(), 2U);
  EXPECT_EQ(fleet.past[0].container.str(), "failed");
  EXPECT_FALSE(fleet.past[0].succeeded);
  EXPECT_TRUE(fleet.past[1].succeeded);
}

TEST_F(MovesTest, APastMoveTellsWhatItTook) {
  MoveRecord record;
  record.id = MoveId{"moved"};
  record.container = ContainerName{"web"};
  record.members.emplace_back().container = record.container;
  record.members[0].image = "sha256:web";
  record.from = HostId{"h1"};
  record.to = HostId{"h2"};
  record.created = TimePoint{Duration{100}};
  record.progress.state = MoveState::source_retired;
  record.predicted.image_written = Bytes{1500};
  record.demand.storage = Bytes{1800};
  record.actual = {Bytes{1000}, 2.5, 1.25, Bytes{700}, 1.5, Bytes{100}};
  ASSERT_TRUE(journal.add(record));
  FleetSnapshot fleet;
  ASSERT_TRUE(add_moves(fleet, journal, TimePoint{Duration{50}}));
  ASSERT_EQ(fleet.past.size(), 1U);
  const auto is = [](const PartMoved& part, std::uint64_t written, std::uint64_t sent, double s) {
    return part.written == Bytes{written} && part.sent == Bytes{sent} && part.seconds == s;
  };
  EXPECT_TRUE(is(fleet.past[0].image, 1500, 700, 1.5));
  EXPECT_TRUE(is(fleet.past[0].data, 300, 300, 1.0));
  EXPECT_EQ(fleet.past[0].held, Bytes{100}) << "the rest was copied ahead";
  EXPECT_EQ(fleet.past[0].image_id, "sha256:web");
  EXPECT_EQ(fleet.past[0].downtime_s, 1.25);
  record.id = MoveId{"undone"};
  record.undoes = MoveId{"moved"};
  ASSERT_TRUE(journal.add(record));
  FleetSnapshot later;
  ASSERT_TRUE(add_moves(later, journal, TimePoint{Duration{50}}));
  ASSERT_EQ(later.past.size(), 2U);
  EXPECT_EQ(count(later.past[0].data.written) + count(later.past[1].data.written), 300U)
      << "an undo sends nearly nothing, which is no share of what a move has to write";
}

TEST_F(MovesTest, AUnitIsToldContainerByContainer) {
  MoveRecord record;
  record.id = MoveId{"unit"};
  record.container = ContainerName{"shop"};
  for (const char* name : {"db", "web"}) {
    record.members.emplace_back().container = ContainerName{name};
  }
  record.from = HostId{"h1"};
  record.to = HostId{"h2"};
  record.created = TimePoint{Duration{100}};
  record.demand.cpu_cores = 0.5;
  record.actual = {Bytes{1000}, 2.5, 1.25};
  record.progress.state = MoveState::image_staged;
  ASSERT_TRUE(journal.add(record));
  record.id = MoveId{"ended"};
  record.progress.state = MoveState::source_retired;
  ASSERT_TRUE(journal.add(record));
  FleetSnapshot fleet;
  ASSERT_TRUE(add_moves(fleet, journal, TimePoint{Duration{50}}));
  ASSERT_EQ(fleet.under_way.size(), 2U);
  EXPECT_EQ(fleet.under_way[1].container.str(), "web");
  EXPECT_TRUE(fleet.under_way[0].counts && !fleet.under_way[1].counts);
  EXPECT_EQ(fleet.under_way[0].demand.cpu_cores, 0.5);
  EXPECT_EQ(fleet.under_way[1].demand.cpu_cores, 0);
  ASSERT_EQ(fleet.past.size(), 2U);
  EXPECT_EQ(fleet.past[0].data.sent, Bytes{1000});
  EXPECT_EQ(fleet.past[1].data.sent, Bytes{});
  EXPECT_EQ(fleet.past[0].downtime_s, 0) << "the stop of two tells nothing of one";
}

TEST_F(MovesTest, APortThatIsOnlyForwardedIsFree) {
  add("moved", MoveState::source_retired, 100);
  FleetSnapshot fleet;
  for (const char* name : {"h1", "h2"}) {
    HostState& host = fleet.hosts.emplace_back();
    host.name = HostId{name};
    host.ports_in_use = {{8080, Protocol::tcp, ""}, {22, Protocol::tcp, ""}};
  }
  ASSERT_TRUE(forget_forwards(fleet, journal));
  ASSERT_EQ(fleet.hosts[0].ports_in_use.size(), 1U);
  EXPECT_EQ(fleet.hosts[0].ports_in_use[0].port, 22);
  EXPECT_EQ(fleet.hosts[1].ports_in_use.size(), 2U);
}

/// The zone of this process, for as long as it lives.
class TimeZone {
 public:
  explicit TimeZone(const char* zone) {
    const char* before = std::getenv("TZ");
    if (before != nullptr) before_ = before;
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  ~TimeZone() {
    before_ ? ::setenv("TZ", before_->c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }
  TimeZone(const TimeZone&) = delete;
  TimeZone& operator=(const TimeZone&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST(LocalTime, FollowsTheZoneAndItsSummerTime) {
  // As POSIX writes Central Europe, so that no files of zones are needed.
  const TimeZone europe{"CET-1CEST,M3.5.0,M10.5.0/3"};
  const TimePoint winter = *parse_rfc3339("2026-01-15T12:00:00Z");
  const TimePoint summer = *parse_rfc3339("2026-07-15T12:00:00Z");
  EXPECT_EQ(local_utc_offset(winter), std::chrono::minutes{60});
  EXPECT_EQ(local_utc_offset(summer), std::chrono::minutes{120});
  // Clocks change at 01:00 UTC on 29 March.
  EXPECT_EQ(local_utc_offset(*parse_rfc3339("2026-03-29T00:59:59Z")), std::chrono::minutes{60});
  EXPECT_EQ(local_utc_offset(*parse_rfc3339("2026-03-29T01:00:00Z")), std::chrono::minutes{120});
}

}  // namespace
}  // namespace plimsoll
