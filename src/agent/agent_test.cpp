#include "agent/agent.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/http_client.h"
#include "support/fake_engine.h"
#include "support/fake_host.h"
#include "support/run_task.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using test::any_loopback_port;
using test::FakeEngineTcp;
using test::id_a;
using test::run_until;
using ::testing::HasSubstr;

/// A whole agent on a loopback port, stopped at the end of the test.
class Running {
 public:
  Running(asio::io_context& context, AgentConfig config)
      : context_(context), agent_(with_any_port(std::move(config))) {
    asio::co_spawn(context, agent_.run(),
                   asio::bind_cancellation_slot(
                       stop_.slot(), [this](const std::exception_ptr&, Result<void> result) {
                         result_ = std::move(result);
                       }));
  }
  ~Running() { stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void stop() {
    stop_.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(run_until(context_, [&] { return result_.has_value(); }));
  }
  [[nodiscard]] const std::optional<Result<void>>& result() const { return result_; }

  Result<HttpResponse> get(const std::string& path, const std::string& token = "") {
    EXPECT_TRUE(run_until(context_, [&] { return agent_.port() != 0; }));
    HttpTarget target;
    target.host = "127.0.0.1";
    target.port = agent_.port();
    HttpClient client{context_.get_executor(), target};
    HttpRequest request;
    request.target = path;
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
    return run_task(context_, client.send(std::move(request), Duration{5'000}));
  }
  /// The first telemetry that satisfies `wanted`.
  template <class Wanted>
  std::optional<HostReading> reading_where(const Wanted& wanted) {
    std::optional<HostReading> found;
    for (int i = 0; i < 500 && !found; ++i) {
      const auto response = get("/v1/telemetry");
      if (!response || !response->ok()) {
        context_.restart();
        context_.run_for(std::chrono::milliseconds{10});
        continue;
      }
      const auto reading = decode_v1(response->body);
      EXPECT_TRUE(reading) << reading.error().message;
      if (reading && wanted(*reading)) found = *reading;
      context_.restart();
      context_.run_for(std::chrono::milliseconds{10});
    }
    return found;
  }

 private:
  static AgentConfig with_any_port(AgentConfig config) {
    config.listen = "127.0.0.1:0";
    if (config.sample_every == AgentConfig{}.sample_every) config.sample_every = Duration{100};
    return config;
  }

  asio::io_context& context_;
  Agent agent_;
  asio::cancellation_signal stop_;
  std::optional<Result<void>> result_;
};

bool anything(const HostReading&) { return true; }

AgentConfig without_docker() {
  AgentConfig config;
  config.docker = "";
  return config;
}

TEST(Agent, ServesThisMachineAndStopsWhenToldTo) {
  asio::io_context context;
  Running agent{context, without_docker()};
  const auto reading = agent.reading_where(anything);
  ASSERT_TRUE(reading);
  EXPECT_GT(reading->memory.total, 0U);
  EXPECT_TRUE(reading->warnings.empty());
  EXPECT_EQ(agent.get("/healthz")->status, 200U);
  agent.stop();
  EXPECT_TRUE(agent.result()->has_value());
}

TEST(Agent, ShowsWhatDockerSays) {
  asio::io_context context;
  FakeEngineTcp engine{context, any_loopback_port()};
  engine.add_container(id_a, "web", "exited");
  AgentConfig config;
  config.docker = fmt::format("tcp://127.0.0.1:{}", engine.endpoint().port());
  Running agent{context, config};
  const auto reading =
      agent.reading_where([](const HostReading& host) { return !host.containers.empty(); });
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->containers[0].name, "web");
  EXPECT_EQ(reading->facts.docker_version, "20.10.24");
}

/// The next sample is an hour away; what the engine tells is shown all the same.
TEST(Agent, ShowsWhatTheEngineTellsBetweenSamples) {
  asio::io_context context;
  FakeEngineTcp engine{context, any_loopback_port()};
  engine.add_container(id_a, "web", "exited");
  AgentConfig config;
  config.docker = fmt::format("tcp://127.0.0.1:{}", engine.endpoint().port());
  config.sample_every = Duration{3'600'000};
  Running agent{context, config};
  const auto named = [](const std::string& name) {
    return [name](const HostReading& host) {
      return host.containers.size() == 1 && host.containers[0].name == name;
    };
  };
  const auto sampled = agent.reading_where(named("web"));
  ASSERT_TRUE(sampled);
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.add_container(id_a, "shop", "exited");
  engine.send_event("container", "rename", id_a);
  const auto told = agent.reading_where(named("shop"));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->sampled_at, sampled->sampled_at);
}

TEST(Agent, MeasuresWritableLayersWhenAsked) {
  asio::io_context context;
  FakeEngineTcp engine{context, any_loopback_port()};
  engine.add_container(id_a, "web", "exited");
  AgentConfig config;
  config.docker = fmt::format("tcp://127.0.0.1:{}", engine.endpoint().port());
  Running agent{context, config};
  ASSERT_TRUE(agent.reading_where([](const HostReading& host) {
    return host.containers.size() == 1 && !host.containers[0].writable_bytes;
  }));
  EXPECT_EQ(agent.get("/v1/telemetry?other=writable=1")->status, 200U);
  EXPECT_EQ(engine.asked_sizes, 0);
  EXPECT_EQ(agent.get("/v1/telemetry?x=1&writable=1")->status, 200U);
  EXPECT_TRUE(agent.reading_where([](const HostReading& host) {
    return host.containers.at(0).writable_bytes == std::uint64_t{4096};
  }));
}

TEST(Agent, AHungEngineDelaysNothing) {
  asio::io_context context;
  FakeEngineTcp engine{context, any_loopback_port()};
  engine.hangs = true;
  AgentConfig config;
  config.docker = fmt::format("tcp://127.0.0.1:{}", engine.endpoint().port());
  Running agent{context, config};
  ASSERT_TRUE(run_until(context, [&] { return engine.asked["/info"] > 0; }));
  const auto reading = agent.reading_where(anything);
  ASSERT_TRUE(reading);
  EXPECT_EQ(agent.get("/combined")->status, 200U);
  // Still the one question that has no answer.
  EXPECT_EQ(engine.asked["/info"], 1);
}

TEST(Agent, WithoutDockerTheHostIsStillReported) {
  asio::io_context context;
  AgentConfig config;
  config.docker = "unix:///nowhere/docker.sock";
  Running agent{context, config};
  const auto reading = agent.reading_where([](const HostReading& host) {
    return !host.warnings.empty() && host.warnings[0].find("nowhere") != std::string::npos;
  });
  ASSERT_TRUE(reading);
  EXPECT_GT(reading->memory.total, 0U);
}

TEST(Agent, ATokenIsReadFromItsFileAgainAndAgain) {
  asio::io_context context;
  const test::FakeTree files{{"token", "first\n"}};
  AgentConfig config = without_docker();
  config.token_file = files.root() / "token";
  Running agent{context, config};
  EXPECT_EQ(agent.get("/combined")->status, 401U);
  EXPECT_NE(agent.get("/combined", "first")->status, 401U);
  files.write("token", "second\n");
  EXPECT_TRUE(run_until(context, [&] { return agent.get("/combined", "second")->status != 401U; }));
  EXPECT_EQ(agent.get("/combined", "first")->status, 401U);
}

TEST(Agent, RefusesABadConfiguration) {
  const auto refusal = [](AgentConfig config) {
    asio::io_context context;
    Agent agent{std::move(config)};
    const auto result = run_task(context, agent.run());
    return result ? std::string{"accepted"} : result.error().message;
  };
  AgentConfig config = without_docker();
  config.listen = "nonsense";
  EXPECT_THAT(refusal(config), HasSubstr("agent: 'nonsense' is not ADDRESS:PORT"));
  config = without_docker();
  config.sample_every = Duration{1};
  EXPECT_THAT(refusal(config), HasSubstr("agent.sample_every"));
  config = without_docker();
  config.scope = "/../x";
  EXPECT_THAT(refusal(config), HasSubstr("agent.scope"));
  config = without_docker();
  config.docker = "https://x";
  EXPECT_THAT(refusal(config), HasSubstr("agent.docker"));
  config = without_docker();
  config.token_file = "/nowhere/token";
  EXPECT_THAT(refusal(config), HasSubstr("agent.token_file"));
  config = without_docker();
  config.tls_cert = "/nowhere/cert";
  config.tls_key = "/nowhere/key";
  EXPECT_THAT(refusal(config), HasSubstr("/nowhere/cert"));
  config = without_docker();
  config.tls_ca = "/nowhere/ca";
  EXPECT_THAT(refusal(config), HasSubstr("monitor.tls_ca"));
}

TEST(Agent, APortInUseIsSaid) {
  asio::io_context context;
  const asio::ip::tcp::acceptor taken{context, any_loopback_port()};
  AgentConfig config = without_docker();
  config.listen = fmt::format("127.0.0.1:{}", taken.local_endpoint().port());
  Agent agent{config};
  const auto result = run_task(context, agent.run());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::conflict);
}

}  // namespace
}  // namespace plimsoll
