#include "web/web_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/http_client.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

class FixedFleet final : public FleetSource {
 public:
  Task<Result<std::string>> fleet_json() override { co_return answer; }
  Result<std::string> answer{std::string{"{\"hosts\":[]}"}};
};

class WebServerTest : public testing::Test {
 protected:
  void start(const std::string& token = "") {
    WebConfig config;
    config.listen = "127.0.0.1:0";
    config.token = token;
    auto started = start_web(context_.get_executor(), config, fleet_);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }
  HttpResponse get(const std::string& target, std::vector<HttpHeader> headers = {},
                   const std::string& method = "GET") {
    HttpTarget where;
    where.host = "127.0.0.1";
    where.port = server_->port();
    HttpClient client{context_.get_executor(), where};
    HttpRequest request{method, target, std::move(headers), "", ""};
    auto response = run_task(context_, client.send(std::move(request), Duration{5'000}));
    EXPECT_TRUE(response);
    return response ? *response : HttpResponse{};
  }

  asio::io_context context_;
  std::shared_ptr<FixedFleet> fleet_ = std::make_shared<FixedFleet>();
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebServerTest, ServesThePage) {
  start();
  const auto page = get("/");
  EXPECT_EQ(page.status, 200U);
  EXPECT_THAT(page.body, HasSubstr("<title>Plimsoll</title>"));
  EXPECT_THAT(get("/app.js").body, HasSubstr("api/v1/fleet"));
  EXPECT_EQ(header(get("/style.css").headers, "Content-Type"), "text/css; charset=utf-8");
}

TEST_F(WebServerTest, ThePageAsksNobodyElse) {
  start();
  for (const char* path : {"/", "/app.js", "/style.css"}) {
    const auto page = get(path);
    EXPECT_THAT(page.body, Not(HasSubstr("https://"))) << path;
    EXPECT_THAT(std::string{header(page.headers, "Content-Security-Policy")},
                HasSubstr("default-src 'none'"));
  }
}

TEST_F(WebServerTest, GivesTheFleet) {
  start();
  const auto answer = get("/api/v1/fleet");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "{\"hosts\":[]}");
}

TEST_F(WebServerTest, AStoreThatIsAwayIsSaid) {
  start();
  fleet_->answer = Error{Errc::unreachable, "influxdb: away"};
  const auto answer = get("/api/v1/fleet");
  EXPECT_EQ(answer.status, 503U);
  EXPECT_EQ(answer.body, "{\"error\":\"influxdb: away\"}");
}

TEST_F(WebServerTest, WhatIsNotThere) {
  start();
  EXPECT_EQ(get("/nothing").status, 404U);
  EXPECT_EQ(get("/../host.csv").status, 404U);
  EXPECT_EQ(get("/api/v1/nothing").status, 404U);
  EXPECT_EQ(get("/api/v1/fleet", {}, "POST").status, 405U);
  EXPECT_EQ(get("/healthz").body, "ok\n");
}

TEST_F(WebServerTest, TheTokenIsAskedForDataOnly) {
  start("secret");
  EXPECT_EQ(get("/").status, 200U);
  EXPECT_EQ(get("/healthz").status, 200U);
  EXPECT_EQ(get("/api/v1/fleet").status, 401U);
  EXPECT_EQ(get("/api/v1/fleet", {{"Authorization", "Bearer wrong"}}).status, 401U);
  EXPECT_EQ(get("/api/v1/fleet", {{"Authorization", "Bearer secret"}}).status, 200U);
}

TEST_F(WebServerTest, AnotherNameForThisMachineIsRefused) {
  start();
  EXPECT_EQ(get("/api/v1/fleet", {{"Host", "evil.example"}}).status, 403U);
}

TEST_F(WebServerTest, AnOpenAddressNeedsAToken) {
  WebConfig config;
  config.listen = "0.0.0.0:0";
  const auto refused = start_web(context_.get_executor(), config, fleet_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  config.token = "secret";
  EXPECT_TRUE(start_web(context_.get_executor(), config, fleet_));
}

TEST_F(WebServerTest, APortInUseIsNamed) {
  start();
  WebConfig config;
  config.listen = server_->address();
  const auto refused = start_web(context_.get_executor(), config, fleet_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("in use"));
}

}  // namespace
}  // namespace plimsoll
