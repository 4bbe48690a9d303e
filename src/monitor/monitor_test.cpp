#include "monitor/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_store.h"
#include "support/agent_server.h"
#include "support/raw_server.h"
#include "support/run_task.h"
#include "support/sample_reading.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using testing::Contains;
using testing::Not;

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
    config_.timeout = Duration{20};
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
  EXPECT_EQ(monitor.counters().points_waiting, 0U);
  const auto& live = monitor.fleet().hosts().at(HostId{"h1"});
  EXPECT_TRUE(live.up);
  EXPECT_EQ(live.reading->containers.size(), 2U);
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
  config_.timeout = Duration{90};
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open, clock_};
  monitor.start({host_at("fine", fine.port()), host_at("garbage", garbage.port()),
                 host_at("silent", silent.port()), host_at("half", half.port())});
  run_until([&] { return fine.agent->asked.size() >= 6; });
  run_until([&] { return monitor.counters().polls_failed >= 6; });
  stop(monitor);
  EXPECT_GE(stored("Device", "fine"), 5U);
  EXPECT_FALSE(monitor.fleet().hosts().at(HostId{"garbage"}).up);
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
  EXPECT_THAT(monitor.fleet().hosts(), Not(Contains(testing::Key(HostId{"h1"}))));
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

}  // namespace
}  // namespace plimsoll
