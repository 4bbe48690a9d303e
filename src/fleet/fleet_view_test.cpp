#include "fleet/fleet_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decide/decide.h"
#include "fleet/fleet_json.h"
#include "store/memory_store.h"
#include "support/run_task.h"
#include "support/sample_reading.h"
#include "telemetry/points.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const TimePoint now = parse_rfc3339("2026-11-22T12:00:00Z").value();

class FleetViewTest : public testing::Test {
 protected:
  FleetViewTest() {
    reading_.cpu.percent = 90;
    reading_.cpu.cores = 4;
  }

  void write(std::vector<Point> points) {
    ASSERT_TRUE(run_task(context_, store_.write(std::move(points))));
  }
  /// What the monitor writes for an answered poll.
  void poll(const std::string& host, Duration ago, bool id_tag = true) {
    auto points = points_of(HostId{host}, reading_, now - ago, id_tag);
    points.push_back(monitor_point(HostId{host}, now - ago, true, Duration{3}, 100, ""));
    write(std::move(points));
  }
  void failed_poll(const std::string& host, Duration ago) {
    auto point = monitor_point(HostId{host}, now - ago, false, Duration{3}, 0, "connect");
    point.fields.emplace_back("error", "10.0.0.1:5002: cannot connect");
    write({std::move(point)});
  }
  FleetView read(const std::vector<std::string>& names = {"h1"}) {
    HostList hosts;
    for (const auto& name : names) {
      auto& host = hosts.emplace_back();
      host.name = HostId{name};
      host.address = "10.0.0.1";
      host.labels["zone"] = "a";
    }
    auto view = run_task(context_, read_fleet_view(store_, hosts, policy_, now));
    EXPECT_TRUE(view);
    return std::move(*view);
  }

  asio::io_context context_;
  MemoryStore store_;
  Policy policy_;
  HostReading reading_ = test::sample_reading();
};

TEST_F(FleetViewTest, AHostThatWasNeverPolled) {
  const auto view = read();
  ASSERT_EQ(view.rows.size(), 1U);
  EXPECT_FALSE(view.rows[0].up);
  EXPECT_FALSE(view.rows[0].last_seen);
  EXPECT_FALSE(view.rows[0].latest.cpu);
  EXPECT_THAT(view.rows[0].error, HasSubstr("is plimsoll monitor running?"));
  EXPECT_EQ(view.rows[0].error_class, "not_polled");
  EXPECT_FALSE(view.snapshot.hosts[0].up);
}

TEST_F(FleetViewTest, AHostThatAnswers) {
  poll("h1", Duration{7'000});
  reading_.cpu.percent = 50;
  poll("h1", Duration{2'000});
  const auto view = read();
  const auto& row = view.rows[0];
  EXPECT_TRUE(row.up);
  EXPECT_EQ(row.error, "");
  EXPECT_EQ(row.latest.cpu, 50);
  EXPECT_EQ(row.latest.memory, 75);
  EXPECT_EQ(row.assessed.age, Duration{2'000});
  EXPECT_NEAR(row.assessed.used.cpu.value(), 70, 0.01);
}

TEST_F(FleetViewTest, TheSnapshotHasWhatADecisionNeeds) {
  poll("h1", Duration{7'000});
  poll("h1", Duration{2'000});
  const auto host = read().snapshot.hosts[0];
  EXPECT_TRUE(host.up);
  EXPECT_FALSE(host.detailed);
  EXPECT_EQ(host.last_seen, now - Duration{2'000});
  EXPECT_EQ(host.architecture, "x86_64");
  EXPECT_EQ(host.labels.at("zone"), "a");
  EXPECT_EQ(host.samples.size(), 2U);
  EXPECT_EQ(host.samples[1].used.pressure, 1.5);
  EXPECT_EQ(host.capacity.cpu_cores, 4);
  EXPECT_EQ(host.capacity.memory, Bytes{8000});
  EXPECT_EQ(host.capacity.storage, Bytes{900});
  EXPECT_EQ(host.capacity.storage_free, Bytes{4000});
}

TEST_F(FleetViewTest, ContainersAreMeansOverTheWindow) {
  reading_.containers[0].cpu_cores = 1;
  reading_.containers[0].memory_working_set = 100;
  poll("h1", Duration{7'000});
  reading_.containers[0].cpu_cores = 2;
  reading_.containers[0].memory_working_set = 300;
  poll("h1", Duration{2'000});
  const auto view = read();
  const auto& containers = view.snapshot.hosts[0].containers;
  ASSERT_EQ(containers.size(), 2U);
  const auto web = std::find_if(containers.begin(), containers.end(),
                                [](const auto& one) { return one.name.str() == "web"; });
  ASSERT_NE(web, containers.end());
  EXPECT_EQ(web->cpu_cores, 1.5);
  EXPECT_EQ(web->memory, Bytes{200});
  EXPECT_EQ(web->id, "aaaaaaaaaaaa");
  EXPECT_EQ(web->state, "running");
  EXPECT_EQ(view.rows[0].containers[1].memory, Bytes{300});
}

TEST_F(FleetViewTest, WhatAContainerUsedOfLateIsToldApart) {
  for (int i = 59; i >= 0; --i) {
    reading_.containers[0].cpu_cores = i < 3 ? 3 : 1;
    poll("h1", Duration{5'000} * i + Duration{100});
  }
  const auto containers = read().snapshot.hosts[0].containers;
  const auto web = std::ranges::find(containers, ContainerName{"web"}, &ContainerState::name);
  ASSERT_NE(web, containers.end());
  EXPECT_DOUBLE_EQ(web->cpu_cores.value(), 1.5);
  EXPECT_DOUBLE_EQ(web->cpu_cores_lately.value(), 3);
}

TEST_F(FleetViewTest, WindowsBeforeTheNewestAreKept) {
  ReadingMemory memory;
  HostList hosts(1);
  hosts[0].name = HostId{"h1"};
  const auto samples = [&](TimePoint at, ReadingMemory* remembered) {
    const auto fleet =
        run_task(context_, read_fleet(store_, hosts, policy_, at, remembered)).value();
    const auto& containers = fleet.hosts[0].containers;
    const auto web = std::ranges::find(containers, ContainerName{"web"}, &ContainerState::name);
    return web == containers.end() ? std::vector<ContainerSample>{} : web->samples;
  };
  for (int i = 30; i >= 0; --i) {
    reading_.containers[0].cpu_cores = i;
    poll("h1", Duration{10'000} * i);
  }
  const auto first = samples(now, &memory);
  ASSERT_EQ(first.size(), 6U);
  EXPECT_EQ(first.back().time, now);
  EXPECT_DOUBLE_EQ(first.back().cpu_cores, 2.5) << "of the last six polls";
  EXPECT_DOUBLE_EQ(first[4].cpu_cores, 8.5);
  reading_.containers[0].cpu_cores = 60;
  for (int i = 1; i <= 6; ++i) poll("h1", Duration{-10'000} * i);
  const TimePoint later = now + Duration{60'000};
  EXPECT_EQ(samples(later - Duration{10'000}, &memory).size(), 6U) << "not over yet";
  const auto more = samples(later, &memory);
  ASSERT_EQ(more.size(), 7U);
  EXPECT_DOUBLE_EQ(more.back().cpu_cores, 60);
  EXPECT_EQ(samples(later, nullptr), more) << "who has just been started knows the same";
  policy_.detector = Detector::threshold;
  EXPECT_TRUE(samples(later, nullptr).empty()) << "nobody asks for them";
}

TEST_F(FleetViewTest, AContainerThatIsGoneIsNotShown) {
  poll("h1", Duration{7'000});
  reading_.containers.pop_back();
  poll("h1", Duration{2'000});
  const auto view = read();
  EXPECT_EQ(view.rows[0].containers.size(), 1U);
  EXPECT_EQ(view.snapshot.hosts[0].containers.size(), 1U);
}

TEST_F(FleetViewTest, WorksWithoutTheIdTag) {
  poll("h1", Duration{7'000}, false);
  poll("h1", Duration{2'000}, false);
  const auto view = read();
  ASSERT_EQ(view.rows[0].containers.size(), 2U);
  EXPECT_EQ(view.rows[0].containers[0].id, "bbbbbbbbbbbb");
  EXPECT_TRUE(view.snapshot.hosts[0].containers[0].cpu_cores);
}

TEST_F(FleetViewTest, AHostThatFellSilentHasNoFigures) {
  poll("h1", Duration{7'000});
  failed_poll("h1", Duration{2'000});
  const auto view = read();
  const auto& row = view.rows[0];
  EXPECT_FALSE(row.up);
  EXPECT_FALSE(view.snapshot.hosts[0].up);
  EXPECT_EQ(row.error, "10.0.0.1:5002: cannot connect; last seen 2026-11-22T11:59:53.000Z");
  EXPECT_EQ(row.error_class, "connect");
  EXPECT_FALSE(row.latest.cpu);
  EXPECT_FALSE(row.containers.at(0).cpu_percent);
  EXPECT_FALSE(row.containers.at(0).memory);
}

struct Clock {
  double skew_s;
  double uncertainty_s;
  bool off;
};
void PrintTo(const Clock& clock, std::ostream* out) { *out << clock.skew_s << " s"; }

class FleetViewClock : public FleetViewTest, public testing::WithParamInterface<Clock> {};

TEST_P(FleetViewClock, IsOffWhereItIsForSure) {
  const auto& [skew_s, uncertainty_s, off] = GetParam();
  poll("h1", Duration{1'000});
  auto point = monitor_point(HostId{"h1"}, now, true, Duration{3}, 100, "");
  point.fields.emplace_back("clock_skew_s", skew_s);
  point.fields.emplace_back("clock_skew_uncertainty_s", uncertainty_s);
  write({std::move(point)});
  const auto row = read().rows[0];
  EXPECT_EQ(row.clock_skew_s, skew_s);
  EXPECT_EQ(row.clock_off, off);
}

INSTANTIATE_TEST_SUITE_P(Clocks, FleetViewClock,
                         testing::Values(Clock{0.4, 0.01, false}, Clock{0.6, 0.2, false},
                                         Clock{49, 0.01, true}, Clock{-49, 0.01, true}));

TEST_F(FleetViewTest, AClockThatWasNotMeasuredIsUnknown) {
  poll("h1", Duration{1'000});
  EXPECT_FALSE(read().rows[0].clock_skew_s);
}

TEST_F(FleetViewTest, AMomentOfThePastKnowsNothingOfLaterOnes) {
  poll("h1", Duration{7'000});
  poll("h1", Duration{2'000});
  reading_.cpu.percent = 5;
  reading_.containers.clear();
  poll("h1", Duration{-30'000});
  failed_poll("h1", Duration{-35'000});
  const auto view = read();
  EXPECT_TRUE(view.rows[0].up);
  EXPECT_EQ(view.rows[0].latest.cpu, 90);
  EXPECT_EQ(view.rows[0].assessed.age, Duration{2'000});
  EXPECT_EQ(view.rows[0].containers.size(), 2U);
}

TEST_F(FleetViewTest, AMonitorThatStoppedIsNoticed) {
  poll("h1", Duration{60'000});
  const auto view = read();
  EXPECT_FALSE(view.rows[0].up);
  EXPECT_THAT(view.rows[0].error, StartsWith("not polled for 1 min"));
}

TEST_F(FleetViewTest, HoldIsSeenFromTheHistory) {
  reading_.cpu.percent = 100;
  for (int i = 20; i >= 0; --i) poll("h1", Duration{5'000} * i);
  const auto view = read();
  EXPECT_TRUE(view.rows[0].assessed.over_line);
  EXPECT_TRUE(view.rows[0].assessed.hot);
  EXPECT_EQ(view.rows[0].assessed.looks, 5);
}

TEST_F(FleetViewTest, HostsStayApartAndInOrder) {
  poll("h2", Duration{2'000});
  const auto view = read({"h1", "h2"});
  EXPECT_EQ(view.rows[0].name.str(), "h1");
  EXPECT_FALSE(view.rows[0].up);
  EXPECT_TRUE(view.rows[1].up);
}

TEST_F(FleetViewTest, TheSnapshotAloneIsTheSame) {
  poll("h1", Duration{2'000});
  Host host;
  host.name = HostId{"h1"};
  const HostList hosts{host};
  const auto fleet = run_task(context_, read_fleet(store_, hosts, policy_, now));
  ASSERT_TRUE(fleet);
  EXPECT_EQ(fleet->hosts.size(), 1U);
  EXPECT_FALSE(assess(*fleet, policy_, now)[0].stale);
}

TEST_F(FleetViewTest, TheStoresFailureIsPassedOn) {
  store_.fail_with(Error{Errc::unreachable, "memory: away"});
  const auto view = run_task(context_, read_fleet_view(store_, {}, policy_, now));
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().message, "memory: away");
}

/// Answers that are too long are refused, as by a server; keeps what was asked.
class BoundedStore final : public MemoryStore {
 public:
  template <class T>
  Result<std::vector<T>> bounded(Result<std::vector<T>> answer) {
    ++asked;
    if (answer && answer->size() > series_max) return Error{Errc::too_large, "bounded: too long"};
    return answer;
  }
  Task<Result<std::vector<Series>>> range(RangeQuery query) override {
    auto answer = co_await MemoryStore::range(std::move(query));
    co_return bounded(std::move(answer));
  }
  Task<Result<std::vector<SummarySeries>>> aggregate(AggregateQuery query) override {
    auto answer = co_await MemoryStore::aggregate(std::move(query));
    co_return bounded(std::move(answer));
  }
  Task<Result<std::vector<Point>>> latest(LatestQuery query) override {
    if (query.fields.empty()) co_return Error{Errc::invalid, "all fields of all hosts"};
    auto answer = co_await MemoryStore::latest(std::move(query));
    co_return bounded(std::move(answer));
  }
  std::size_t series_max = 5;
  int asked = 0;
};

class LargeFleet : public FleetViewTest {
 protected:
  LargeFleet() {
    for (int i = 1; i <= 10; ++i) {
      Host host;
      host.name = HostId{"h" + std::to_string(i)};
      hosts_.push_back(host);
      auto points = points_of(host.name, reading_, now - Duration{2'000}, true);
      points.push_back(monitor_point(host.name, now - Duration{2'000}, true, Duration{3}, 9, ""));
      EXPECT_TRUE(run_task(context_, bounded_.write(points)));
      write(std::move(points));
    }
  }
  Result<FleetView> read_bounded() {
    return run_task(context_, read_fleet_view(bounded_, hosts_, policy_, now, &memory_));
  }
  HostList hosts_;
  BoundedStore bounded_;
  ReadingMemory memory_;
};

TEST_F(LargeFleet, IsReadInPartsWhereTheStoreSaysThatItIsTooMuch) {
  const auto parts = read_bounded();
  ASSERT_TRUE(parts) << parts.error().message;
  const auto whole = run_task(context_, read_fleet_view(store_, hosts_, policy_, now));
  ASSERT_TRUE(whole);
  EXPECT_EQ(render_fleet_json(*parts), render_fleet_json(*whole));
  ASSERT_EQ(parts->snapshot.hosts.size(), 10U);
  for (const auto& host : parts->snapshot.hosts) {
    ASSERT_EQ(host.containers.size(), 2U);
    EXPECT_TRUE(host.containers[0].cpu_cores);
    EXPECT_EQ(host.samples.size(), 1U);
  }
  EXPECT_EQ(memory_.at_once.device_rows, 5U);
  EXPECT_EQ(memory_.at_once.container_means, 2U);
}

TEST_F(LargeFleet, IsAskedForInTheRightPartsTheNextTime) {
  ASSERT_TRUE(read_bounded());
  bounded_.asked = 0;
  ASSERT_TRUE(read_bounded());
  constexpr int aggregates = 5 * 2;  // each asks range()
  EXPECT_EQ(bounded_.asked, 2 + aggregates + 2 + 2 + 5);
}

TEST_F(LargeFleet, AHostThatIsTooMuchByItselfIsAnError) {
  bounded_.series_max = 1;
  const auto view = read_bounded();
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code, Errc::too_large);
}

/// Whatever is shown is asked for.
TEST_F(LargeFleet, WhatIsReadOfTheLatestPointsIsAllThatIsShown) {
  const auto view = read_bounded();
  ASSERT_TRUE(view);
  const auto& host = view->snapshot.hosts[0];
  EXPECT_EQ(host.architecture, "x86_64");
  EXPECT_EQ(host.capacity.cpu_cores, 4);
  EXPECT_EQ(host.capacity.memory, Bytes{8000});
  EXPECT_EQ(host.capacity.storage, Bytes{900});
  EXPECT_EQ(host.capacity.storage_free, Bytes{4000});
  const auto& row = view->rows[0];
  EXPECT_EQ(row.latest.cpu, 90);
  EXPECT_EQ(row.latest.pressure, 1.5);
  EXPECT_EQ(row.containers[0].state, "running");
  EXPECT_FALSE(row.containers[0].image.empty());
}

}  // namespace
}  // namespace plimsoll
