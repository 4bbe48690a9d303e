#include "monitor/agent_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/agent_server.h"
#include "support/raw_server.h"
#include "support/run_task.h"
#include "support/sample_reading.h"
#include "telemetry/wire_legacy.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

HttpResponse ours_only(const HttpRequest& request) {
  if (request.target != "/v1/telemetry") return text_response("not found", 404);
  return json_response(encode_v1(test::sample_reading()));
}

HttpResponse legacy_only(const HttpRequest& request) {
  if (request.target != "/combined") return text_response("not found", 404);
  return json_response(encode_combined(test::sample_reading()));
}

class AgentClientTest : public testing::Test {
 protected:
  AgentClient client(std::uint16_t port, const std::string& api = "") {
    Host host;
    host.name = HostId{"h2"};
    host.address = "127.0.0.1";
    host.port = port;
    host.api = api;
    return AgentClient{context_.get_executor(), host, config_};
  }
  PollOutcome poll(AgentClient& client) { return run_task(context_, client.poll()); }
  PollOutcome poll_raw(const std::string& answer, bool keep_open) {
    const RawServer server{context_, answer, keep_open};
    auto asked = client(server.port());
    return poll(asked);
  }

  asio::io_context context_;
  MonitorConfig config_;
};

TEST_F(AgentClientTest, ReadsOurFormat) {
  const test::RunningAgent agent{context_, ours_only};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_TRUE(outcome.reading) << outcome.reading.error().message;
  EXPECT_EQ(outcome.reading->cpu.percent, 25);
  EXPECT_EQ(outcome.error_class, "");
  EXPECT_EQ(outcome.bytes, encode_v1(test::sample_reading()).size());
}

TEST_F(AgentClientTest, FallsBackToTheOldFormatAndRemembers) {
  const test::RunningAgent agent{context_, legacy_only};
  auto asked = client(agent.port());
  ASSERT_TRUE(poll(asked).reading);
  ASSERT_TRUE(poll(asked).reading);
  EXPECT_THAT(agent.agent->asked, ElementsAre("/v1/telemetry", "/combined", "/combined"));
}

TEST_F(AgentClientTest, AsksForOursAgainNowAndThen) {
  config_.legacy_retry = Duration{0};
  const test::RunningAgent agent{context_, legacy_only};
  auto asked = client(agent.port());
  ASSERT_TRUE(poll(asked).reading);
  ASSERT_TRUE(poll(asked).reading);
  EXPECT_THAT(agent.agent->asked,
              ElementsAre("/v1/telemetry", "/combined", "/v1/telemetry", "/combined"));
}

TEST_F(AgentClientTest, AnUpdatedAgentIsAskedForOursAtOnce) {
  bool updated = false;
  const test::RunningAgent agent{context_, [&](const HttpRequest& request) {
                                   return updated ? ours_only(request) : legacy_only(request);
                                 }};
  auto asked = client(agent.port());
  ASSERT_TRUE(poll(asked).reading);
  updated = true;
  EXPECT_FALSE(poll(asked).reading);
  EXPECT_TRUE(poll(asked).reading);
}

TEST_F(AgentClientTest, TheApiColumnIsObeyed) {
  const test::RunningAgent agent{context_, legacy_only};
  auto asked = client(agent.port(), "combined");
  ASSERT_TRUE(poll(asked).reading);
  EXPECT_THAT(agent.agent->asked, ElementsAre("/combined"));
  auto fixed = client(agent.port(), "v1/telemetry");
  EXPECT_EQ(poll(fixed).error_class, "http_404");
}

TEST_F(AgentClientTest, PresentsTheToken) {
  config_.token = "secret";
  const test::RunningAgent agent{context_, ours_only};
  auto asked = client(agent.port());
  ASSERT_TRUE(poll(asked).reading);
  EXPECT_EQ(header(agent.agent->requests.front().headers, "Authorization"), "Bearer secret");
}

TEST_F(AgentClientTest, NobodyThere) {
  std::uint16_t port = 0;
  {
    const test::RunningAgent gone{context_, ours_only};
    port = gone.port();
  }
  auto asked = client(port);
  const auto outcome = poll(asked);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "connect");
  EXPECT_THAT(outcome.reading.error().message, StartsWith("127.0.0.1:"));
}

TEST_F(AgentClientTest, Garbage) {
  const test::RunningAgent agent{
      context_, [](const HttpRequest&) { return json_response("{\"cpu\": \x01\x02"); }};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "malformed");
  EXPECT_THAT(outcome.reading.error().message, HasSubstr("/v1/telemetry"));
}

TEST_F(AgentClientTest, AWebPage) {
  const test::RunningAgent agent{context_, [](const HttpRequest&) {
                                   return text_response("<!doctype html><title>It works</title>");
                                 }};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "malformed");
  EXPECT_THAT(outcome.reading.error().message, HasSubstr("a web page"));
}

TEST_F(AgentClientTest, AServerThatIsNoAgent) {
  const test::RunningAgent agent{context_,
                                 [](const HttpRequest&) { return text_response("no", 404); }};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "http_404");
  EXPECT_THAT(outcome.reading.error().message, HasSubstr("is this a plimsoll agent?"));
}

TEST_F(AgentClientTest, TheWrongToken) {
  const test::RunningAgent agent{context_,
                                 [](const HttpRequest&) { return text_response("no", 401); }};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "http_401");
  EXPECT_THAT(outcome.reading.error().message, HasSubstr("agent.token_file"));
}

TEST_F(AgentClientTest, FiftyMegabytes) {
  const test::RunningAgent agent{
      context_, [](const HttpRequest&) { return json_response(std::string(50U << 20, ' ')); }};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "too_large");
}

TEST_F(AgentClientTest, HalfAnAnswer) {
  const auto outcome =
      poll_raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"version\": 1, ", false);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "cut_off");
}

TEST_F(AgentClientTest, NotHttp) {
  const auto outcome = poll_raw("SSH-2.0-OpenSSH_9.2p1\r\n\r\n", false);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "malformed");
}

TEST_F(AgentClientTest, Silence) {
  config_.timeout = Duration{50};
  const auto outcome = poll_raw("", true);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "timeout");
  EXPECT_GE(outcome.took, Duration{50});
}

TEST_F(AgentClientTest, ADrippingAnswerIsCutByTheDeadline) {
  config_.timeout = Duration{50};
  const auto outcome = poll_raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", true);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "timeout");
}

}  // namespace
}  // namespace plimsoll
