#include "store/influx_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/http_server.h"
#include "store/base64.h"
#include "store/gzip.h"
#include "store/store_conformance.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Answers as the test says and keeps what was asked.
class FakeInflux : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    requests.push_back(std::move(request));
    const bool write = requests.back().target != "/query";
    co_return write ? to_write : to_query;
  }
  HttpResponse to_write{204, {}, ""};
  HttpResponse to_query = json_response(R"({"results":[{}]})");
  std::vector<HttpRequest> requests;
};

struct InfluxStoreTest : testing::Test {
  void SetUp() override {
    auto started = HttpServer::start(context.get_executor(), HttpServerConfig{}, fake);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
    config.url = "http://" + server->address();
  }
  std::unique_ptr<InfluxStore> connect() {
    auto made = InfluxStore::make(context.get_executor(), config);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  Result<WriteReport> write_one() {
    const auto store = connect();
    std::vector<Point> points{device("h1", 0, {{"a", 1.0}})};
    return run_task(context, store->write(std::move(points)));
  }
  std::string why_not(Errc code) {
    const auto report = write_one();
    if (report) return "it was written";
    EXPECT_EQ(report.error().code, code);
    EXPECT_THAT(report.error().message, HasSubstr(config.url));
    return report.error().message;
  }

  asio::io_context context;
  std::shared_ptr<FakeInflux> fake = std::make_shared<FakeInflux>();
  std::unique_ptr<HttpServer> server;
  InfluxConfig config;
};

TEST_F(InfluxStoreTest, WritesPackedLinesWithThePasswordInAHeaderOnly) {
  config.login.username = "ops";
  config.login.password = "se:cret";
  config.database = "my db";
  ASSERT_TRUE(write_one());
  ASSERT_EQ(fake->requests.size(), 1U);
  const auto& request = fake->requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/write?db=my%20db&precision=ms");
  EXPECT_EQ(header(request.headers, "Authorization"), "Basic b3BzOnNlOmNyZXQ=");
  EXPECT_EQ(header(request.headers, "Content-Encoding"), "gzip");
  EXPECT_EQ(request.body, gzip("Device,host=h1 a=1 1750000020000\n"));
}

TEST_F(InfluxStoreTest, WritesToABucketByToken) {
  config.login.token = "abc==";
  config.org = "my org";
  config.database = "bucket";
  ASSERT_TRUE(write_one());
  EXPECT_EQ(fake->requests[0].target, "/api/v2/write?org=my%20org&bucket=bucket&precision=ms");
  EXPECT_EQ(header(fake->requests[0].headers, "Authorization"), "Token abc==");
  const auto store = connect();
  EXPECT_TRUE(run_task(context, store->open()));  // and makes no database
  EXPECT_EQ(fake->requests.size(), 2U);
}

TEST_F(InfluxStoreTest, SplitsLargeBatches) {
  const auto store = connect();
  std::vector<Point> points;
  points.reserve(10'001);
  for (int i = 0; i < 10'001; ++i) points.push_back(device("h1", i, {{"a", 1.0}}));
  const auto report = run_task(context, store->write(std::move(points)));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->written, 10'001U);
  EXPECT_EQ(fake->requests.size(), 3U);
}

TEST_F(InfluxStoreTest, AServerThatIsBusyIsAwayNotRefusing) {
  fake->to_write = json_response(R"({"error":"timeout"})", 503);
  EXPECT_THAT(why_not(Errc::unreachable), HasSubstr("503 timeout"));
  fake->to_write = text_response("slow down", 429);
  EXPECT_THAT(why_not(Errc::unreachable), HasSubstr("429 slow down"));
}

TEST_F(InfluxStoreTest, AnotherWebServerIsNotTakenForInfluxDb) {
  fake->to_write = text_response("<html>welcome</html>", 200);
  EXPECT_THAT(why_not(Errc::malformed), HasSubstr("check store.url"));
  fake->to_write = text_response("", 302);
  EXPECT_THAT(why_not(Errc::malformed), HasSubstr("answers 302"));
  fake->to_query = text_response("<html>welcome</html>");
  const auto store = connect();
  const auto opened = run_task(context, store->open());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::malformed);
  EXPECT_THAT(opened.error().message,
              testing::AllOf(HasSubstr(config.url), HasSubstr("check store.url")));
}

TEST_F(InfluxStoreTest, AWholeRefusalIsOneErrorAndNoSearch) {
  fake->to_write = json_response(R"({"error":"engine: cache-max-memory-size exceeded"})", 400);
  EXPECT_THAT(why_not(Errc::refused), HasSubstr("cache-max-memory-size"));
  EXPECT_EQ(fake->requests.size(), 1U);
}

TEST_F(InfluxStoreTest, WrongCredentialsSayWhereToLookAndKeepTheSecret) {
  fake->to_write = json_response(R"({"error":"authorization failed"})", 401);
  EXPECT_THAT(why_not(Errc::unauthorized), HasSubstr("set store.username"));
  config.login.username = "ops";
  config.login.password = "hunter2";
  const auto with_user = why_not(Errc::unauthorized);
  EXPECT_THAT(with_user, HasSubstr("PLIMSOLL_STORE_PASSWORD"));
  EXPECT_THAT(with_user, Not(HasSubstr("hunter2")));
  config.login.username.clear();
  config.login.token = "t0ken";
  const auto with_token = why_not(Errc::unauthorized);
  EXPECT_THAT(with_token, HasSubstr("store.token_file"));
  EXPECT_THAT(with_token, Not(HasSubstr("t0ken")));
}

TEST_F(InfluxStoreTest, TheSearchForBadPointsIsBounded) {
  fake->to_write = json_response(R"({"error":"partial write: max-values dropped=900"})", 400);
  const auto store = connect();
  std::vector<Point> points;
  points.reserve(1000);
  for (int i = 0; i < 1000; ++i) points.push_back(device("h1", i, {{"a", 1.0}}));
  const auto report = run_task(context, store->write(std::move(points)));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->problems.size(), 10U);
  EXPECT_EQ(report->written + report->rejected, 1000U);
  EXPECT_LT(fake->requests.size(), 100U);
}

TEST_F(InfluxStoreTest, BadSettingsAreNamedByTheirKeys) {
  const auto fault = [&](InfluxConfig bad) {
    const auto made = InfluxStore::make(context.get_executor(), std::move(bad));
    return made ? std::string{} : made.error().message;
  };
  const InfluxConfig good;
  EXPECT_EQ(fault(good), "");
  auto bad = good;
  bad.url = "ftp://db";
  EXPECT_THAT(fault(bad), HasSubstr("store.url: "));
  bad = good;
  bad.database.clear();
  EXPECT_THAT(fault(bad), HasSubstr("store.database: "));
  bad = good;
  bad.org = "o";
  EXPECT_THAT(fault(bad), HasSubstr("store.org: needs a token"));
  bad = good;
  bad.login.token = "a\r\nX: y";
  EXPECT_THAT(fault(bad), HasSubstr("store.token_file: "));
  bad = good;
  bad.login.username = "a:b";
  EXPECT_THAT(fault(bad), HasSubstr("store.username: "));
  bad = good;
  bad.timeout = Duration{0};
  EXPECT_THAT(fault(bad), HasSubstr("store.timeout: "));
}

TEST_F(InfluxStoreTest, SaysWhereItIs) {
  EXPECT_EQ(connect()->describe(), "influxdb " + config.url + " telemetrydata");
}

TEST(Base64, PadsAsRfc4648Has) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Gzip, PacksText) {
  const auto packed = gzip(std::string(100'000, 'x'));
  EXPECT_EQ(packed.substr(0, 3), "\x1f\x8b\x08");
  EXPECT_LT(packed.size(), 2000U);
}

}  // namespace
}  // namespace plimsoll
