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

/// A name service that knows what it was told, for no time.
class NamesToTell final : public NameLookup {
 public:
  void look_up(std::string name, Done done) override {
    const auto found = known.find(name);
    if (found == known.end()) {
      done(Error{Errc::not_found, "there is no such name"});
    } else {
      ResolvedName answer{found->second, Duration{0}};
      done(std::move(answer));
    }
  }
  std::map<std::string, std::vector<asio::ip::address>> known;
};

class AgentClientTest : public testing::Test {
 protected:
  AgentClient client(std::uint16_t port, const std::string& api = "") {
    Host host;
    host.name = HostId{"h2"};
    host.port = port;
    host.api = api;
    host.address = address_;
    return AgentClient{context_.get_executor(), host, access()};
  }
  std::shared_ptr<const AgentAccess> access() {
    auto made = std::make_shared<AgentAccess>();
    made->config = config_;
    made->names = names_;
    made->bodies = bodies_;
    made->clock = [this] { return now_; };
    return made;
  }
  PollOutcome poll(AgentClient& client) { return run_task(context_, client.poll()); }
  PollOutcome poll_raw(const std::string& answer, bool keep_open) {
    const RawServer server{context_, answer, keep_open};
    auto asked = client(server.port());
    return poll(asked);
  }

  asio::io_context context_;
  MonitorConfig config_;
  std::string address_ = "127.0.0.1";
  std::shared_ptr<NamesToTell> told_ = std::make_shared<NamesToTell>();
  std::shared_ptr<DnsCache> names_ =
      std::make_shared<DnsCache>(context_.get_executor(), told_, DnsCacheConfig{Duration{0}});
  std::shared_ptr<ByteBudget> bodies_ = std::make_shared<ByteBudget>(ByteBudget{1U << 20});
  TimePoint now_ = parse_rfc3339("2026-11-22T12:00:00.500Z").value();
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

TEST_F(AgentClientTest, ASampleThatNobodyRenewsIsNoTelemetry) {
  Duration age{10'000};
  const test::RunningAgent agent{context_, [&](const HttpRequest& request) {
                                   auto response = ours_only(request);
                                   const auto now = test::sample_reading().sampled_at + age;
                                   response.headers.emplace_back(
                                       agent_time_header,
                                       std::to_string(now.time_since_epoch().count()));
                                   return response;
                                 }};
  auto asked = client(agent.port());
  EXPECT_TRUE(poll(asked).reading);
  age = Duration{10'001};
  const auto outcome = poll(asked);
  EXPECT_EQ(outcome.error_class, "stale");
  EXPECT_THAT(outcome.reading.error().message, HasSubstr("old"));
  EXPECT_TRUE(outcome.skew);
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
  config_.agents = AgentCredentials::with_token("secret");
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

TEST_F(AgentClientTest, TheLimitHoldsWithoutALengthToo) {
  config_.body_bytes_max = 1000;
  const auto outcome = poll_raw(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(0x800, ' '),
      true);
  ASSERT_FALSE(outcome.reading);
  EXPECT_EQ(outcome.error_class, "too_large");
}

TEST_F(AgentClientTest, LongAnswersShareABudget) {
  const std::string long_answer = encode_v1(test::sample_reading()) + std::string(100U << 10, ' ');
  const test::RunningAgent agent{context_,
                                 [&](const HttpRequest&) { return json_response(long_answer); }};
  bodies_->bytes_left = 10U << 10;
  auto asked = client(agent.port());
  EXPECT_EQ(poll(asked).error_class, "too_large");
  EXPECT_EQ(bodies_->bytes_left, 10U << 10) << "it is given back";
  bodies_->bytes_left = 50U << 10;
  EXPECT_TRUE(poll(asked).reading);
  EXPECT_EQ(bodies_->bytes_left, 50U << 10);
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

TEST_F(AgentClientTest, WhatNoHostCanHaveIsImpossible) {
  auto reading = test::sample_reading();
  reading.cpu.percent = 10'000;
  const std::string json = encode_v1(reading);
  const test::RunningAgent agent{context_, [&](const HttpRequest&) { return json_response(json); }};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  EXPECT_EQ(outcome.error_class, "impossible");
  EXPECT_THAT(outcome.reading.error().message, HasSubstr("cpu.percent is not from 0 to 100"));
}

TEST_F(AgentClientTest, AHundredThousandContainersAreTooLarge) {
  auto reading = test::sample_reading();
  std::string json = encode_v1(reading);
  const std::string key = R"("containers":[)";
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += R"({"id":"a"},)";
  json.insert(json.find(key) + key.size(), many);
  const test::RunningAgent agent{context_, [&](const HttpRequest&) { return json_response(json); }};
  bodies_->bytes_left = 48U << 20;
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  EXPECT_EQ(outcome.error_class, "too_large");
  EXPECT_THAT(outcome.reading.error().message, HasSubstr("at most 10000 are read"));
}

TEST_F(AgentClientTest, ANameIsFollowedWhereItLeads) {
  const test::RunningAgent agent{context_, ours_only};
  address_ = "agent.example";
  auto asked = client(agent.port());
  const auto unknown = poll(asked);
  EXPECT_EQ(unknown.error_class, "dns");
  EXPECT_THAT(unknown.reading.error().message, HasSubstr("agent.example"));
  told_->known[address_] = {asio::ip::make_address("127.0.0.1")};
  names_ = std::make_shared<DnsCache>(context_.get_executor(), told_, DnsCacheConfig{Duration{0}});
  asked.use(access());
  EXPECT_TRUE(poll(asked).reading);
}

/// The server listens on 127.0.0.1 only: 127.0.0.2 refuses.
TEST_F(AgentClientTest, EachAddressOfANameIsTried) {
  const test::RunningAgent agent{context_, ours_only};
  address_ = "agent.example";
  told_->known[address_] = {asio::ip::make_address("127.0.0.2"),
                            asio::ip::make_address("127.0.0.1")};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  EXPECT_TRUE(outcome.reading) << outcome.reading.error().message;
}

TEST_F(AgentClientTest, AChangedAddressIsFollowedAlthoughTheOldOneAnswers) {
  const test::RunningAgent agent{context_, ours_only};
  address_ = "agent.example";
  told_->known[address_] = {asio::ip::make_address("127.0.0.1")};
  auto asked = client(agent.port());
  ASSERT_TRUE(poll(asked).reading);
  told_->known[address_] = {asio::ip::make_address("127.0.0.2")};
  // The first poll asks for the name beside the use of what is known of it.
  ASSERT_TRUE(poll(asked).reading);
  EXPECT_EQ(poll(asked).error_class, "connect");
}

TEST_F(AgentClientTest, TheClockIsComparedWithTheHeader) {
  const test::RunningAgent agent{context_, [&](const HttpRequest& request) {
                                   auto response = ours_only(request);
                                   const auto ahead = now_ + Duration{49'000};
                                   response.headers.emplace_back(
                                       agent_time_header,
                                       std::to_string(ahead.time_since_epoch().count()));
                                   return response;
                                 }};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_TRUE(outcome.skew);
  EXPECT_DOUBLE_EQ(outcome.skew->ahead_s, 49);
}

TEST_F(AgentClientTest, AClockThatIsNoTimeIsPassedOver) {
  std::string told;
  const test::RunningAgent agent{context_, [&](const HttpRequest& request) {
                                   auto response = ours_only(request);
                                   response.headers.emplace_back(agent_time_header, told);
                                   return response;
                                 }};
  auto asked = client(agent.port());
  for (const auto* time :
       {"9223372036854775807", "-9223372036854775808", "-1", "x", "99999999999999999999"}) {
    told = time;
    const auto outcome = poll(asked);
    ASSERT_TRUE(outcome.reading) << time;
    ASSERT_TRUE(outcome.skew) << time;
    EXPECT_DOUBLE_EQ(outcome.skew->ahead_s, 0.25) << time;  // the sample's
  }
}

TEST_F(AgentClientTest, TheBriefErrorHasNothingOfTheAnswer) {
  int asks = 0;
  const test::RunningAgent agent{context_, [&](const HttpRequest& /*request*/) {
                                   return json_response("{\"secret" + std::to_string(++asks));
                                 }};
  auto asked = client(agent.port());
  const auto first = poll(asked);
  const auto second = poll(asked);
  EXPECT_EQ(first.error_class, "malformed");
  EXPECT_EQ(first.brief, second.brief);
  EXPECT_THAT(first.brief, HasSubstr("/v1/telemetry"));
  EXPECT_THAT(first.brief, testing::Not(HasSubstr("secret")));
}

/// The sample says 12:00:00.250 and may be a second old.
TEST_F(AgentClientTest, WithoutAHeaderTheSampleTellsTheClock) {
  const test::RunningAgent agent{context_, ours_only};
  auto asked = client(agent.port());
  const auto outcome = poll(asked);
  ASSERT_TRUE(outcome.skew);
  EXPECT_DOUBLE_EQ(outcome.skew->ahead_s, 0.25);
  EXPECT_DOUBLE_EQ(outcome.skew->uncertainty_s, 0.5);
}

TEST_F(AgentClientTest, TheOldFormatTellsNoClock) {
  const test::RunningAgent agent{context_, legacy_only};
  auto asked = client(agent.port());
  EXPECT_FALSE(poll(asked).skew);
}

}  // namespace
}  // namespace plimsoll
