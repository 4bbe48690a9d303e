#include "docker/engine.h"

#include <gtest/gtest.h>

#include <map>

#include "docker/image_relay.h"
#include "runtime/http_server.h"
#include "support/inspect_documents.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

/// Answers from a table; keeps what it was asked.
class FakeEngine : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    asked.push_back(request.method + " " + request.target);
    bodies.push_back(std::move(request.body));
    const auto found = answers.find(asked.back());
    if (found == answers.end()) co_return json_response(R"({"message": "No such thing"})", 404);
    co_return found->second;
  }
  std::map<std::string, HttpResponse> answers;
  std::vector<std::string> asked;
  std::vector<std::string> bodies;
};

HttpResponse binary(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

struct EngineTest : testing::Test {
  struct Side {
    explicit Side(asio::io_context& context) : fake(std::make_shared<FakeEngine>()) {
      HttpServerConfig config;
      config.body_bytes_max = 64U << 20;
      server = HttpServer::start(context.get_executor(), config, fake).value();
      const HttpTarget target{"127.0.0.1", server->port(), "", ""};
      engine = std::make_unique<Engine>(context.get_executor(), target);
    }
    std::shared_ptr<FakeEngine> fake;
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<Engine> engine;
  };
  asio::io_context context;
  Side a{context};
  Side b{context};
};

TEST_F(EngineTest, ReadsContainersAndTheirInspect) {
  a.fake->answers["GET /v1.41/containers/json?all=1"] =
      json_response(R"([{"Id": "x", "Names": ["/web"], "Image": "app:1", "State": "running"}])");
  a.fake->answers["GET /v1.41/containers/web/json"] =
      json_response(json::serialize(container_document()));
  EXPECT_EQ(run_task(context, a.engine->containers())->front().name, "web");
  EXPECT_EQ(run_task(context, a.engine->inspect("web"))->image_id, "sha256:1111");
}

TEST_F(EngineTest, TellsTheEnginesOwnWords) {
  const auto missing = run_task(context, a.engine->inspect("nobody"));
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_EQ(missing.error().message, "Docker says 404: No such thing");
  a.fake->answers["POST /v1.41/containers/create?name=a%2Fb"] =
      json_response(R"({"message": "Conflict"})", 409);
  const auto taken = run_task(context, a.engine->create("a/b", json::object{}));
  EXPECT_EQ(taken.error().code, Errc::conflict);
}

TEST_F(EngineTest, StartedAlreadyIsFine) {
  HttpResponse unchanged;
  unchanged.status = 304;
  a.fake->answers["POST /v1.41/containers/web/start"] = unchanged;
  EXPECT_TRUE(run_task(context, a.engine->start("web")));
}

TEST_F(EngineTest, ABrokenAnswerIsMalformed) {
  a.fake->answers["GET /v1.41/containers/json?all=1"] = text_response("<html>proxy</html>");
  EXPECT_EQ(run_task(context, a.engine->containers()).error().code, Errc::malformed);
  a.fake->answers["GET /v1.41/images/json?all=1"] = json_response("{}");
  EXPECT_EQ(run_task(context, a.engine->images()).error().code, Errc::malformed);
}

TEST_F(EngineTest, AnImageFlowsFromOneToTheOther) {
  const std::string archive = std::string(3U << 20, 'i') + std::string(1024, '\0');
  a.fake->answers["GET /v1.41/images/get?names=app%3A1"] = binary(archive);
  b.fake->answers["POST /v1.41/images/load?quiet=0"] = json_response(R"({"stream": "Loaded"})");
  Bytes seen{};
  const Progress progress = [&](Bytes bytes) { seen = bytes; };
  const auto passed = run_task(
      context, relay_image(a.engine.get(), b.engine.get(), "app:1", Duration{20'000}, progress));
  ASSERT_TRUE(passed) << passed.error().message;
  EXPECT_EQ(*passed, Bytes{archive.size()});
  EXPECT_EQ(seen, *passed);
  EXPECT_EQ(b.fake->bodies.front(), archive);
}

TEST_F(EngineTest, ALoadThatFailsInsideA200IsAFailure) {
  a.fake->answers["GET /v1.41/images/get?names=app%3A1"] = binary(std::string(512, '\0'));
  b.fake->answers["POST /v1.41/images/load?quiet=0"] =
      json_response("{\"stream\": \"x\"}\n{\"error\": \"no space left on device\"}\n");
  const auto passed =
      run_task(context, relay_image(a.engine.get(), b.engine.get(), "app:1", Duration{20'000}, {}));
  ASSERT_FALSE(passed);
  EXPECT_NE(passed.error().message.find("no space left"), std::string::npos);
}

TEST_F(EngineTest, AnArchiveThatBrokeOffInsideA200IsTheSourcesFailure) {
  a.fake->answers["GET /v1.41/images/get?names=app%3A1"] =
      binary(std::string(5000, 'i') + R"({"message":"no space left on device"})");
  b.fake->answers["POST /v1.41/images/load?quiet=0"] = json_response("{}");
  const auto passed =
      run_task(context, relay_image(a.engine.get(), b.engine.get(), "app:1", Duration{20'000}, {}));
  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().code, Errc::io);
  EXPECT_NE(passed.error().message.find("source: "), std::string::npos);
  EXPECT_NE(passed.error().message.find("no space left"), std::string::npos);
}

TEST_F(EngineTest, ASourceThatFailsIsNotTakenForTheEnd) {
  b.fake->answers["POST /v1.41/images/load?quiet=0"] = json_response("{}");
  const auto passed = run_task(
      context, relay_image(a.engine.get(), b.engine.get(), "gone:1", Duration{20'000}, {}));
  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().code, Errc::not_found);
  EXPECT_TRUE(b.fake->bodies.empty());
}

}  // namespace
}  // namespace plimsoll
