#include "runtime/http_client.h"

#include <gtest/gtest.h>

#include "runtime/deadline.h"
#include "runtime/host_names.h"
#include "runtime/http_server.h"
#include "support/raw_server.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

/// Says what it was asked.
class Echo : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    ++requests;
    if (request.target == "/throw") throw std::runtime_error("secret detail");
    if (request.target == "/big") co_return text_response(std::string(100'000, 'x'));
    co_return text_response(request.method + " " + request.target + " " + request.body);
  }
  int requests = 0;
};

class Collect : public ByteSink {
 public:
  Task<Result<void>> write(std::string_view chunk) override {
    text += chunk;
    co_return Result<void>{};
  }
  std::string text;
};

class Repeat : public ByteSource {
 public:
  explicit Repeat(int chunks) : left_(chunks) {}
  Task<Result<std::string>> read() override {
    co_return left_-- > 0 ? std::string(1000, 'y') : std::string{};
  }

 private:
  int left_;
};

struct HttpTest : testing::Test {
  void SetUp() override {
    auto started = HttpServer::start(context.get_executor(), HttpServerConfig{}, echo);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }
  HttpClient client_to(std::uint16_t port, HttpLimits limits = {}) {
    return HttpClient{context.get_executor(), HttpTarget{"127.0.0.1", port, "", ""}, limits};
  }
  Result<HttpResponse> get(HttpClient& client, std::string target,
                           Duration timeout = Duration{20'000}) {
    HttpRequest request;
    request.target = std::move(target);
    return run_task(context, client.send(std::move(request), timeout));
  }

  asio::io_context context;
  std::shared_ptr<Echo> echo = std::make_shared<Echo>();
  std::unique_ptr<HttpServer> server;
};

TEST_F(HttpTest, RequestsShareAConnection) {
  auto client = client_to(server->port());
  EXPECT_EQ(get(client, "/a?b")->body, "GET /a?b \n");
  EXPECT_EQ(get(client, "/c")->body, "GET /c \n");
  EXPECT_EQ(get(client, "/throw")->status, 500U);
  EXPECT_EQ(get(client, "/throw")->body.find("secret"), std::string::npos);
}

TEST_F(HttpTest, BodiesStreamBothWays) {
  auto client = client_to(server->port(), HttpLimits{.body_bytes_max = 1000});
  Collect sink;
  HttpRequest big;
  big.target = "/big";
  const auto down = run_task(context, client.download(big, sink, Duration{20'000}));
  ASSERT_TRUE(down) << down.error().message;
  EXPECT_EQ(down->body, "");
  EXPECT_EQ(sink.text.size(), 100'001U);
  EXPECT_EQ(get(client, "/big").error().code, Errc::too_large);

  auto wide = client_to(server->port());
  Repeat source{300};
  HttpRequest post;
  post.method = "POST";
  const auto up = run_task(context, wide.upload(post, source, Duration{20'000}));
  ASSERT_TRUE(up) << up.error().message;
  EXPECT_EQ(up->body.size(), std::string{"POST / \n"}.size() + 300'000U);
}

TEST_F(HttpTest, AnUploadThatIsRefusedSaysWhy) {
  auto client = client_to(server->port());
  Repeat source{1'100};
  HttpRequest post;
  post.method = "POST";
  const auto answer = run_task(context, client.upload(post, source, Duration{20'000}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413U);
}

/// Knows every name, once its patience is over.
class SlowLookup final : public NameLookup {
 public:
  explicit SlowLookup(Duration delay) : delay_(delay) {}
  void look_up(std::string /*name*/, Done done) override {
    const auto end = std::chrono::steady_clock::now() + delay_;
    while (std::chrono::steady_clock::now() < end) {
    }
    done(ResolvedName{{asio::ip::address_v4::loopback()}, Duration{0}});
  }

 private:
  Duration delay_;
};

TEST_F(HttpTest, TheLookupOfANameIsPartOfTheTimeOut) {
  const Duration limit{20};
  HttpTarget target{"somewhere.test", server->port(), "", ""};
  use_name_lookup(context, std::make_shared<SlowLookup>(Duration{0}));
  HttpClient client{context.get_executor(), target};
  EXPECT_TRUE(get(client, "/"));
  client.close();
  use_name_lookup(context, std::make_shared<SlowLookup>(limit));
  const auto late = get(client, "/", limit);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::timeout) << late.error().message;
}

TEST_F(HttpTest, NobodyListens) {
  const auto port = server->port();
  server.reset();
  auto client = client_to(port);
  const auto answer = get(client, "/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unreachable);
  EXPECT_NE(answer.error().message.find("127.0.0.1"), std::string::npos);
}

TEST_F(HttpTest, AServerThatClosedAnIdleConnectionIsAskedAnew) {
  auto client = client_to(server->port());
  ASSERT_TRUE(get(client, "/a"));
  const auto port = server->port();
  server.reset();
  HttpServerConfig config;
  config.listen = "127.0.0.1:" + std::to_string(port);
  auto again = HttpServer::start(context.get_executor(), config, echo);
  ASSERT_TRUE(again) << again.error().message;
  HttpRequest post;
  post.method = "POST";
  EXPECT_TRUE(run_task(context, client.send(post, Duration{20'000})));
}

struct Misbehaviour {
  const char* name;
  std::string answer;
  bool keep_open;
  Errc expected;
};

class HttpMisbehaviour : public HttpTest, public testing::WithParamInterface<Misbehaviour> {};

TEST_P(HttpMisbehaviour, IsAnErrorOfItsKind) {
  RawServer raw{context, GetParam().answer, GetParam().keep_open};
  auto client = client_to(raw.port());
  const auto answer = get(client, "/", Duration{GetParam().keep_open ? 100 : 20'000});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, GetParam().expected) << answer.error().message;
}

std::string longer_than_the_limit() {
  std::string text;
  text.resize(HttpLimits{}.body_bytes_max + 1, 'x');
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpMisbehaviour,
    testing::Values(
        Misbehaviour{"nothing", "", false, Errc::io},
        Misbehaviour{"silence", "", true, Errc::timeout},
        Misbehaviour{"garbage", "\x01\x02garbage\r\n\r\n", false, Errc::malformed},
        Misbehaviour{"half", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false, Errc::io},
        Misbehaviour{"dripping", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true,
                     Errc::timeout},
        Misbehaviour{
            "huge", "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n" + longer_than_the_limit(),
            false, Errc::too_large},
        Misbehaviour{"endless_header", "HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x'), false,
                     Errc::too_large}),
    [](const auto& tested) { return tested.param.name; });

TEST(HttpServerStart, SaysWhatIsWrong) {
  asio::io_context context;
  const auto echo = std::make_shared<Echo>();
  HttpServerConfig config;
  config.listen = "nonsense";
  EXPECT_EQ(HttpServer::start(context.get_executor(), config, echo).error().code, Errc::invalid);
  auto first = HttpServer::start(context.get_executor(), HttpServerConfig{}, echo);
  ASSERT_TRUE(first);
  config.listen = (*first)->address();
  EXPECT_EQ(HttpServer::start(context.get_executor(), config, echo).error().code, Errc::conflict);
}

}  // namespace
}  // namespace plimsoll
