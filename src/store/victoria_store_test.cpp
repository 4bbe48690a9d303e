#include "store/victoria_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "runtime/http_server.h"
#include "store/store_conformance.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Answers as the test says and keeps what was asked.
class FakeVictoria : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    requests.push_back(std::move(request));
    const bool write = requests.back().target.find("/write?") != std::string::npos;
    co_return write ? to_write : to_read;
  }
  HttpResponse to_write{204, {}, ""};
  HttpResponse to_read = json_response(R"({"status":"success","data":[]})");
  std::vector<HttpRequest> requests;
};

struct VictoriaStoreTest : testing::Test {
  void SetUp() override {
    auto started = HttpServer::start(context.get_executor(), HttpServerConfig{}, fake);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
    config.url = "http://" + server->address();
  }
  std::unique_ptr<VictoriaStore> connect() {
    auto made = VictoriaStore::make(context.get_executor(), config);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  Error why_not() {
    const auto store = connect();
    std::vector<Point> points{device("h1", 0, {{"a", 1.0}})};
    const auto report = run_task(context, store->write(std::move(points)));
    if (report) return {Errc::io, "it was written"};
    EXPECT_THAT(report.error().message, testing::StartsWith(config.url));
    return report.error();
  }

  asio::io_context context;
  std::shared_ptr<FakeVictoria> fake = std::make_shared<FakeVictoria>();
  std::unique_ptr<HttpServer> server;
  VictoriaConfig config;
};

TEST_F(VictoriaStoreTest, AClusterIsWrittenAndReadAtItsOwnPaths) {
  config.read_url = config.url + "/select/0/prometheus";
  config.url += "/insert/0/influx";
  config.database = "a&b";
  const auto store = connect();
  ASSERT_TRUE(run_task(context, store->open()));
  ASSERT_EQ(fake->requests.size(), 2U);
  EXPECT_EQ(fake->requests[0].target, "/select/0/prometheus/api/v1/series");
  EXPECT_EQ(fake->requests[0].method, "POST");
  EXPECT_EQ(fake->requests[1].target, "/insert/0/influx/write?precision=ms&db=a%26b");
  EXPECT_EQ(header(fake->requests[1].headers, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(fake->requests[1].headers, "Authorization"), "");
}

TEST_F(VictoriaStoreTest, CredentialsGoInAHeader) {
  config.login.token = "t0ken";
  ASSERT_TRUE(run_task(context, connect()->open()));
  EXPECT_EQ(header(fake->requests[1].headers, "Authorization"), "Bearer t0ken");
  config.login = {"ops", "hunter2", ""};
  ASSERT_TRUE(run_task(context, connect()->open()));
  EXPECT_EQ(header(fake->requests[2].headers, "Authorization"), "Basic b3BzOmh1bnRlcjI=");
  fake->to_write = text_response("no", 401);
  const auto error = why_not();
  EXPECT_EQ(error.code, Errc::unauthorized);
  EXPECT_THAT(error.message, HasSubstr("check store.username"));
  EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
}

TEST_F(VictoriaStoreTest, ATokenThatIsReplacedIsTakenOver) {
  const TempDir folder;
  const auto file = folder.path() / "token";
  std::ofstream{file} << "first\n";
  auto token = SecretFile::open(file);
  ASSERT_TRUE(token);
  config.login.token = Secret{std::move(*token)};
  const auto store = connect();
  ASSERT_TRUE(run_task(context, store->open()));
  EXPECT_EQ(header(fake->requests.back().headers, "Authorization"), "Bearer first");
  std::ofstream{file} << "second\nfirst\n";
  const auto presented = [&] {
    EXPECT_TRUE(run_task(context, store->open()));
    return std::string{header(fake->requests.back().headers, "Authorization")};
  };
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  const auto until = [&](const std::string& wanted) {
    while (presented() != wanted && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return presented();
  };
  EXPECT_EQ(until("Bearer second"), "Bearer second");
}

TEST_F(VictoriaStoreTest, ATokenThatNoHeaderCanHaveIsNotSent) {
  EXPECT_EQ(authorization({"", "", "a\r\nX: y"}, "Bearer"), "");
  EXPECT_EQ(authorization({"", "", "abc"}, "Bearer"), "Bearer abc");
}

TEST_F(VictoriaStoreTest, EachFailureSaysWhatToDo) {
  fake->to_write = text_response("overloaded", 503);
  EXPECT_EQ(why_not().code, Errc::unreachable);
  fake->to_write = text_response("slow down", 429);
  EXPECT_EQ(why_not().code, Errc::unreachable);
  fake->to_write = text_response("bad", 400);
  EXPECT_EQ(why_not().code, Errc::refused);
  fake->to_write = text_response("unsupported path requested: \"/x/write\"", 400);
  EXPECT_THAT(why_not().message, HasSubstr("check store.url"));
  fake->to_write = text_response("hello", 200);  // another web server
  EXPECT_EQ(why_not().code, Errc::malformed);
}

TEST_F(VictoriaStoreTest, FieldsAreToldAgainAfterAFailure) {
  const auto store = connect();
  const auto write = [&] {
    std::vector<Point> points{device("h1", 0, {{"a", 1.0}})};
    return run_task(context, store->write(std::move(points)));
  };
  fake->to_write = text_response("later", 503);
  ASSERT_FALSE(write());
  fake->to_write = HttpResponse{204, {}, ""};
  ASSERT_TRUE(write());
  const std::size_t with_entries = fake->requests.back().body.size();
  ASSERT_TRUE(write());
  EXPECT_LT(fake->requests.back().body.size(), with_entries);
}

TEST_F(VictoriaStoreTest, BadSettingsAreNamedByTheirKeys) {
  const auto fault = [&](VictoriaConfig bad) {
    const auto made = VictoriaStore::make(context.get_executor(), std::move(bad));
    return made ? std::string{} : made.error().message;
  };
  auto bad = config;
  bad.url = "vm:8428";
  EXPECT_THAT(fault(bad), HasSubstr("store.url: "));
  bad = config;
  bad.read_url = "vm:8428";
  EXPECT_THAT(fault(bad), HasSubstr("store.read_url: "));
  bad = config;
  bad.database = "";
  EXPECT_THAT(fault(bad), HasSubstr("store.database: "));
  bad = config;
  bad.login = {"a", "b", "c"};
  EXPECT_THAT(fault(bad), HasSubstr("keep one"));
}

}  // namespace
}  // namespace plimsoll
