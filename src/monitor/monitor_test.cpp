#include "monitor/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "store/memory_store.h"
#include "support/agent_server.h"
#include "support/raw_server.h"
#include "support/run_task.h"
#include "support/sample_reading.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using testing::Contains;
using testing::UnorderedElementsAre;

HttpResponse good(const HttpRequest& /*request*/) {
  return json_response(encode_v1(test::sample_reading()));
}

Host host_at(const std::string& name, std::uint16_t port) {
  Host host;
  host.name = HostId{name};
  host.address = "127.0.0.1";
  host.port = port;
  return host;
}

class MonitorTest : public testing::Test {
 protected:
  MonitorTest() {
    config_.interval = Duration{20};
    config_.timeout = Duration{30'000};  // no machine is so slow that a good host passes it
    config_.batch_every = Duration{5};
  }

  template <class Done>
  void run_until(Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!done() && std::chrono::steady_clock::now() < limit) {
      context_.run_one_for(std::chrono::milliseconds{100});
    }
    EXPECT_TRUE(done());
  }
  /// Stopped, all that was polled is in the store.
  void stop(Monitor& monitor) {
    bool ended = false;
    asio::co_spawn(context_, monitor.stop(), [&](const std::exception_ptr&) { ended = true; });
    run_until([&] { return ended; });
  }
  std::size_t stored(const std::string& measurement, const std::string& host) const {
    const auto points = store_.points();
    return static_cast<std::size_t>(
        std::count_if(points.begin(), points.end(), [&](const Point& point) {
          return point.measurement == measurement &&
                 std::find(point.tags.begin(), point.tags.end(), Tag{"host", host}) !=
                     point.tags.end();
        }));
  }
  static std::uint64_t answered(const Monitor& monitor) {
    return monitor.counters().polls - monitor.counters().polls_failed;
  }

  asio::io_context context_;
  MonitorConfig config_;
  MemoryStore store_;
  // Every poll has a time of its own, so that no point replaces another.
  TimePoint now_{Duration{1'000'000}};
  WallClock clock_ = [this] { return now_ += Duration{1}; };
};

TEST_F(MonitorTest, WritesWhatHostsSay) {
  const test::RunningAgent agent{context_, good};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", agent.port())});
  run_until([&] { return answered(monitor) >= 3; });
  stop(monitor);
  EXPECT_GE(stored("Device", "h1"), 3U);
  EXPECT_GE(stored("Container", "h1"), 6U);
  EXPECT_EQ(stored("Monitor", "h1"), stored("Device", "h1"));
  EXPECT_EQ(monitor.counters().spool.waiting, 0U);
  EXPECT_EQ(monitor.counters().points_made, store_.points().size());
}

TEST_F(MonitorTest, KeepsOneConnection) {
  const test::RunningAgent agent{context_, good};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", agent.port())});
  run_until([&] { return agent.agent->asked.size() >= 5; });
  EXPECT_EQ(monitor.counters().polls_failed, 0U);
  stop(monitor);
}

TEST_F(MonitorTest, ASilentHostHasNoFigures) {
  const RawServer silent{context_, "", true};
  config_.timeout = Duration{20};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", silent.port())});
  run_until([&] { return monitor.counters().polls_failed >= 2; });
  stop(monitor);
  EXPECT_EQ(stored("Device", "h1"), 0U);
  ASSERT_GE(stored("Monitor", "h1"), 2U);
  const auto point = store_.points().front();
  EXPECT_THAT(point.fields, Contains(Field{"up", false}));
  EXPECT_THAT(point.fields, Contains(Field{"error_class", std::string{"timeout"}}));
}

TEST_F(MonitorTest, BadHostsHoldUpNobody) {
  const test::RunningAgent fine{context_, good};
  const test::RunningAgent garbage{context_, [](const auto&) { return text_response("?"); }};
  const RawServer silent{context_, "", true};
  const RawServer half{context_, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", false};
  config_.interval = Duration{100};
  config_.timeout = Duration{1'000};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("fine", fine.port()), host_at("garbage", garbage.port()),
                 host_at("silent", silent.port()), host_at("half", half.port())});
  run_until([&] { return fine.agent->asked.size() >= 6; });
  run_until([&] { return monitor.counters().failures.size() == 3; });
  const auto counters = monitor.counters();
  EXPECT_EQ(counters.hosts_up, 1U);
  EXPECT_EQ(counters.hosts_down, 3U);
  EXPECT_THAT(counters.failures,
              UnorderedElementsAre(testing::Key("malformed"), testing::Key("timeout"),
                                   testing::Key("cut_off")));
  stop(monitor);
  EXPECT_GE(stored("Device", "fine"), 5U);
}

TEST_F(MonitorTest, NoMorePollsAtOnceThanAllowed) {
  const RawServer silent{context_, "", true};
  config_.polls_max = 3;
  config_.timeout = Duration{100};
  HostList hosts;
  for (int i = 0; i < 10; ++i) hosts.push_back(host_at("h" + std::to_string(i), silent.port()));
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start(hosts);
  std::size_t most = 0;
  // Each of them has its turn nevertheless.
  run_until([&] {
    most = std::max(most, monitor.counters().polls_under_way);
    return monitor.counters().hosts_down == hosts.size();
  });
  EXPECT_EQ(most, 3U);
  monitor.hosts_changed({}, diff(hosts, {}));
  EXPECT_EQ(monitor.counters().polls_under_way, 0U);
  stop(monitor);
}

TEST_F(MonitorTest, AnEditTouchesNobodyElse) {
  const test::RunningAgent first{context_, good};
  const test::RunningAgent second{context_, good};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  const HostList before{host_at("h1", first.port())};
  monitor.start(before);
  run_until([&] { return first.agent->asked.size() >= 2; });

  const HostList after{host_at("h1", first.port()), host_at("h2", second.port())};
  monitor.hosts_changed(after, diff(before, after));
  run_until([&] { return second.agent->asked.size() >= 2; });

  const HostList moved{host_at("h2", first.port())};
  monitor.hosts_changed(moved, diff(after, moved));
  ASSERT_EQ(monitor.hosts().size(), 1U);
  EXPECT_EQ(monitor.hosts().front().host.name, HostId{"h2"});
  const auto asked = second.agent->asked.size();
  const auto asked_first = first.agent->asked.size();
  run_until([&] { return first.agent->asked.size() >= asked_first + 3; });
  EXPECT_LE(second.agent->asked.size(), asked + 1);
  EXPECT_EQ(monitor.counters().polls_failed, 0U);
  stop(monitor);
}

TEST_F(MonitorTest, ALabelIsChangedWithoutANewConnection) {
  const test::RunningAgent agent{context_, good};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  const HostList before{host_at("h1", agent.port())};
  HostList after = before;
  after.front().labels["zone"] = "a";
  monitor.start(before);
  monitor.hosts_changed(after, diff(before, after));
  run_until([&] { return answered(monitor) >= 1; });
  stop(monitor);
}

TEST_F(MonitorTest, PointsWaitForAStoreThatIsAway) {
  const test::RunningAgent agent{context_, good};
  config_.retry_first = Duration{5};
  config_.retry_max = Duration{5};
  store_.fail_with(Error{Errc::unreachable, "memory: away"});
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::closed, clock_};
  monitor.start({host_at("h1", agent.port())});
  run_until([&] { return answered(monitor) >= 4; });
  store_.fail_with(std::nullopt);
  run_until([&] { return monitor.counters().points_written >= 16; });
  stop(monitor);
  EXPECT_EQ(stored("Device", "h1"), answered(monitor));
}

TEST_F(MonitorTest, ItsEndInTheMiddleOfAPollIsClean) {
  const RawServer silent{context_, "", true};
  config_.timeout = Duration{20'000};
  {
    Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
    monitor.start({host_at("h1", silent.port())});
    context_.run_for(std::chrono::milliseconds{60});
  }
  context_.run_for(std::chrono::milliseconds{20});
  EXPECT_TRUE(store_.points().empty());
}

/// The tenth interval of a host that is down still has a point that says so.
TEST_F(MonitorTest, AHostInBackOffIsDownAtEachInterval) {
  const test::RunningAgent broken{context_, [](const auto&) { return text_response("", 500); }};
  config_.backoff_max = Duration{200};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", broken.port())});
  run_until([&] { return monitor.counters().polls_passed_over >= 10; });
  const auto counters = monitor.counters();
  stop(monitor);
  EXPECT_LT(counters.polls, 30U);
  EXPECT_GE(stored("Monitor", "h1"), counters.polls + counters.polls_passed_over);
  std::size_t passed_over = 0;
  for (const auto& point : store_.points()) {
    EXPECT_THAT(point.fields, Contains(Field{"up", false}));
    EXPECT_THAT(point.fields, Contains(Field{"error_class", std::string{"http_500"}}));
    const auto& fields = point.fields;
    const bool was = std::ranges::find(fields, Field{"passed_over", true}) != fields.end();
    passed_over += was ? 1U : 0U;
  }
  EXPECT_GE(passed_over, 10U);
}

TEST_F(MonitorTest, ARecoveryIsSeenWithinTheBound) {
  bool broken = true;
  const test::RunningAgent agent{context_, [&](const HttpRequest& request) {
                                   return broken ? text_response("", 500) : good(request);
                                 }};
  config_.backoff_max = Duration{100};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", agent.port())});
  run_until([&] { return monitor.counters().polls_passed_over >= 10; });
  broken = false;
  const auto before = monitor.counters();
  run_until([&] { return monitor.counters().hosts_up == 1; });
  const auto after = monitor.counters();
  EXPECT_LE(after.polls_passed_over - before.polls_passed_over, 5U);
  run_until([&] { return answered(monitor) >= 5; });
  EXPECT_EQ(monitor.counters().polls_passed_over, after.polls_passed_over);
  stop(monitor);
}

TEST_F(MonitorTest, TellsAClockThatIsOff) {
  const test::RunningAgent agent{context_, [&](const HttpRequest& request) {
                                   auto response = good(request);
                                   const auto behind = now_ - Duration{49'000};
                                   response.headers.emplace_back(
                                       agent_time_header,
                                       std::to_string(behind.time_since_epoch().count()));
                                   return response;
                                 }};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", agent.port())});
  run_until([&] { return answered(monitor) >= 2; });
  EXPECT_EQ(monitor.counters().hosts_clock_off, 1U);
  const auto skew = monitor.hosts().front().status.skew;
  stop(monitor);
  ASSERT_TRUE(skew);
  EXPECT_NEAR(skew->ahead_s, -49, 0.1);
  const auto points = store_.points();
  const auto poll = std::ranges::find(points, "Monitor", &Point::measurement);
  ASSERT_NE(poll, points.end());
  EXPECT_THAT(poll->fields, Contains(testing::Key("clock_skew_s")));
}

TEST_F(MonitorTest, AChangeOfSettingsKeepsConnectionsAndTakesEffect) {
  const test::RunningAgent agent{context_, good};
  config_.interval = std::chrono::hours{1};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", agent.port())});
  auto changed = config_;
  changed.interval = Duration{20};
  changed.agents = AgentCredentials::with_token("new");
  monitor.reconfigure(changed);
  run_until([&] { return agent.agent->requests.size() >= 3; });
  EXPECT_EQ(header(agent.agent->requests.front().headers, "Authorization"), "Bearer new");
  stop(monitor);
}

TEST_F(MonitorTest, OfTheCredentialsOnlyTheTokenChangesWhileItRuns) {
  const test::RunningAgent agent{context_, good};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({});
  auto changed = config_;
  changed.agents = AgentCredentials::with_token("new");
  changed.agents.tls = true;
  monitor.reconfigure(changed);
  const HostList hosts{host_at("h1", agent.port())};
  monitor.hosts_changed(hosts, {hosts, {}, {}});
  run_until([&] { return monitor.counters().polls >= 1; });
  EXPECT_EQ(monitor.counters().polls_failed, 0U);
  EXPECT_EQ(monitor.hosts().front().status.error, "");
  stop(monitor);
}

TEST_F(MonitorTest, WithoutRoomForItsConnectionAHostIsPolledAllTheSame) {
  const test::RunningAgent agent{context_, good};
  config_.connections_max = 1;
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("h1", agent.port()), host_at("h2", agent.port())});
  run_until([&] { return answered(monitor) >= 8; });
  EXPECT_EQ(monitor.counters().polls_failed, 0U);
  stop(monitor);
  EXPECT_GE(stored("Device", "h2"), 3U);
}

}  // namespace
}  // namespace plimsoll
