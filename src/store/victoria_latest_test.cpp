#include "store/victoria_latest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/http_server.h"
#include "store/store_conformance.h"

namespace plimsoll {
namespace {

/// A server on which one series has a point now, another one each time.
class ComingAndGoing : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    const auto ms = now.time_since_epoch().count();
    const auto labels = fmt::format(R"("db":"d","host":"h{}")", number);
    if (request.target.find("/query") != std::string::npos) {
      co_return json_response(fmt::format(
          R"({{"status":"success","data":{{"result":[{{"metric":{{"__name__":"Device_info",{}}},)"
          R"("value":[{},"{}.{:03}"]}}]}}}})",
          labels, ms / 1000, ms / 1000, ms % 1000));
    }
    std::string lines;
    for (const char* field : {"info", "a"}) {
      lines += fmt::format(
          R"({{"metric":{{"__name__":"Device_{}",{}}},"values":[1],"timestamps":[{}]}})", field,
          labels, ms);
      lines += '\n';
    }
    co_return text_response(lines);
  }
  TimePoint now = at(0);
  int number = 0;
};

struct VictoriaLatestTest : testing::Test {
  void SetUp() override {
    auto started = HttpServer::start(context.get_executor(), HttpServerConfig{}, fake);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
    VictoriaConfig config;
    config.url = "http://" + server->address();
    config.clock = [this] { return fake->now; };
    const auto target = parse_http_target(config.url);
    client = std::make_unique<VictoriaClient>(context.get_executor(), config, *target, *target);
    latest = std::make_unique<VictoriaLatest>(*client);
  }
  /// What is read by one who looks so far back, a new host each minute.
  std::size_t most_known(Duration reach) {
    std::size_t most = 0;
    for (fake->number = 0; fake->number < 100; ++fake->number) {
      fake->now += std::chrono::minutes{1};
      LatestQuery query{"Device", {}, fake->now - reach};
      const auto points = run_task(context, latest->read(query, {{"a", FieldType::number}}));
      if (!points) return 1'000'000;
      EXPECT_GE(points->size(), 1U);
      most = std::max(most, latest->known_points());
    }
    return most;
  }

  asio::io_context context;
  std::shared_ptr<ComingAndGoing> fake = std::make_shared<ComingAndGoing>();
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<VictoriaClient> client;
  std::unique_ptr<VictoriaLatest> latest;
};

TEST_F(VictoriaLatestTest, SeriesThatAreGoneAreForgotten) {
  EXPECT_LE(most_known(std::chrono::minutes{1}), 3U);
  EXPECT_LE(most_known(std::chrono::minutes{30}), 40U);
}

TEST_F(VictoriaLatestTest, OnlyTheFieldsThatAreAskedForAreGiven) {
  LatestQuery query{"Device", {}, fake->now - Duration{1'000}, {"b"}};
  EXPECT_EQ(run_task(context, latest->read(query, {{"a", FieldType::number}}))->size(), 0U);
  query.fields = {"a"};
  EXPECT_EQ(run_task(context, latest->read(query, {{"a", FieldType::number}}))->size(), 1U);
}

}  // namespace
}  // namespace plimsoll
