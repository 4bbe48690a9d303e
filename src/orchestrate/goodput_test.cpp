#include "orchestrate/goodput.h"

#include <gmock/gmock.h>

#include <deque>

#include "runtime/http_server.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

/// Gives its answers one after the other.
class FakeAgent : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    requests.push_back(std::move(request));
    HttpResponse answer = answers.front();
    answers.pop_front();
    co_return answer;
  }
  std::deque<HttpResponse> answers;
  std::vector<HttpRequest> requests;
};

struct GoodputTest : testing::Test {
  asio::io_context context;
  std::shared_ptr<FakeAgent> agent = std::make_shared<FakeAgent>();
  std::unique_ptr<HttpServer> server =
      HttpServer::start(context.get_executor(), HttpServerConfig{}, agent).value();
  Goodput goodput{context.get_executor(), AgentCredentials::with_token("hush")};
  Host from = host("h1", server->port());
  Host to = host("h2", 5002);

  static Host host(const std::string& name, std::uint16_t port) {
    Host made;
    made.name = HostId{name};
    made.address = "127.0.0.1";
    made.port = port;
    return made;
  }
  Result<Link> measure() { return run_task(context, goodput.measure(from, to)); }
};

const char* const good = R"({"rtt_ms": 2.5, "goodput_bytes_per_s": 1e8, "bytes": 4194304})";

TEST_F(GoodputTest, AsksTheSourcesAgentAndRemembers) {
  agent->answers = {json_response(good)};
  const auto link = measure();
  ASSERT_TRUE(link) << link.error().message;
  EXPECT_EQ(link->bytes_per_s, 1e8);
  EXPECT_DOUBLE_EQ(link->rtt_s, 0.0025);
  EXPECT_TRUE(link->measured);
  EXPECT_TRUE(measure());
  ASSERT_EQ(agent->requests.size(), 1U);
  EXPECT_EQ(agent->requests[0].target, "/v1/probe");
  EXPECT_EQ(header(agent->requests[0].headers, "Authorization"), "Bearer hush");
  EXPECT_NE(agent->requests[0].body.find(R"("host":"127.0.0.1","port":5002)"), std::string::npos);
}

TEST_F(GoodputTest, AnOldMeasurementIsNotRememberedAsANewOne) {
  agent->answers = {json_response(R"({"rtt_ms": 2.5, "goodput_bytes_per_s": 1e8, "age_s": 600})"),
                    json_response(good)};
  EXPECT_TRUE(measure());
  EXPECT_TRUE(measure());
  EXPECT_EQ(agent->requests.size(), 2U);
}

TEST_F(GoodputTest, WaitsWhereTheAgentIsBusy) {
  agent->answers = {json_response(R"({"error": "ask later"})", 429), json_response(good)};
  EXPECT_TRUE(measure());
}

TEST_F(GoodputTest, WaitsNoLongerThanIsWorthIt) {
  auto busy = json_response(R"({"error": "ask later"})", 429);
  busy.headers.emplace_back("Retry-After", "3600");
  agent->answers = {busy, json_response(good)};
  EXPECT_THAT(measure().error().message, testing::HasSubstr("ask later"));
  EXPECT_EQ(agent->requests.size(), 1U);
}

TEST_F(GoodputTest, RefusalsAndNonsenseAreErrors) {
  agent->answers = {json_response(R"({"error": "not allowed"})", 403),
                    json_response(R"({"rtt_ms": 0, "goodput_bytes_per_s": -1})"),
                    text_response("<html>")};
  const auto refused = measure();
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_NE(refused.error().message.find("not allowed"), std::string::npos);
  EXPECT_EQ(measure().error().code, Errc::refused);
  EXPECT_EQ(measure().error().code, Errc::malformed);
}

TEST_F(GoodputTest, AnAgentThatIsAwayIsNamed) {
  server.reset();
  const auto away = measure();
  EXPECT_EQ(away.error().code, Errc::unreachable);
  EXPECT_TRUE(away.error().message.starts_with("h1: "));
}

}  // namespace
}  // namespace plimsoll
