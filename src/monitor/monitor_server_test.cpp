#include "monitor/monitor_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/http_client.h"
#include "store/memory_store.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;

class MonitorServerTest : public testing::Test {
 protected:
  MonitorServerTest() { config_.listen = "127.0.0.1:0"; }

  HttpResponse get(const std::string& path, const std::string& token = "") {
    Monitor monitor{context_.get_executor(), config_, store_, StoreState::open};
    Host host;
    host.name = HostId{"h1"};
    host.address = "127.0.0.1";
    monitor.start({host});
    const auto server = start_monitor_server(context_.get_executor(), config_, monitor);
    EXPECT_TRUE(server) << server.error().message;
    HttpTarget target;
    target.host = "127.0.0.1";
    target.port = (*server)->port();
    HttpClient client{context_.get_executor(), target};
    HttpRequest request;
    request.target = path;
    if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
    auto answer = run_task(context_, client.send(std::move(request), Duration{30'000}));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : HttpResponse{};
  }

  asio::io_context context_;
  MonitorConfig config_;
  MemoryStore store_;
};

TEST_F(MonitorServerTest, Metrics) {
  const auto answer = get("/metrics");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(header(answer.headers, "Content-Type"), HasSubstr("version=0.0.4"));
  EXPECT_THAT(answer.body, HasSubstr("plimsoll_monitor_hosts{state=\"unknown\"} 1"));
}

TEST_F(MonitorServerTest, Hosts) {
  const auto answer = get("/v1/hosts");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body,
            R"({"hosts":[{"name":"h1","address":"127.0.0.1","port":5002,"up":null,)"
            R"("error_class":"","error":"","failures":0,"passed_over":0,"last_seen":null,)"
            R"("clock_skew_s":null,"clock_skew_uncertainty_s":null}]})");
}

TEST_F(MonitorServerTest, ATokenIsAskedFor) {
  config_.listen_token = "secret";
  EXPECT_EQ(get("/metrics").status, 401U);
  EXPECT_EQ(get("/metrics", "wrong").status, 401U);
  EXPECT_EQ(get("/metrics", "secret").status, 200U);
  EXPECT_EQ(get("/healthz").status, 200U);
}

TEST_F(MonitorServerTest, OtherPathsAreUnknown) { EXPECT_EQ(get("/combined").status, 404U); }

TEST_F(MonitorServerTest, APortInUseIsNamed) {
  Monitor monitor{context_.get_executor(), config_, store_, StoreState::open};
  const auto first = start_monitor_server(context_.get_executor(), config_, monitor);
  ASSERT_TRUE(first);
  config_.listen = (*first)->address();
  const auto second = start_monitor_server(context_.get_executor(), config_, monitor);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("monitor.listen: " + config_.listen));
}

}  // namespace
}  // namespace plimsoll
