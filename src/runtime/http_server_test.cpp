#include "runtime/http_server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/http_client.h"
#include "runtime/http_connection.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using asio::ip::tcp;
using ::testing::HasSubstr;
using ::testing::StartsWith;
constexpr Duration patience{20'000};

/// Takes bodies of up to 100 bytes, longer ones only to count them, and refuses /closed.
class Guarded : public HttpHandler {
 public:
  Admission admit(const HttpRequest& head, Admission usual) override {
    usual.body_bytes_max = 100;
    if (head.target == "/sink") {
      usual.body_bytes_max = 1'000'000;
      usual.discard_body = true;
    }
    if (head.target == "/closed") usual.refusal = text_response("closed", 403);
    return usual;
  }
  Task<HttpResponse> handle(HttpRequest request) override {
    ++handled;
    if (request.target == "/long") co_return text_response(std::string(16'000'000, 'x'));
    co_return text_response(
        fmt::format("{} of {} bytes kept", request.body.size(), request.body_bytes));
  }
  int handled = 0;
};

/// A client that sends what it likes.
class RawClient {
 public:
  RawClient(asio::io_context& context, std::uint16_t port) : context_(context), socket_(context) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }
  void send(std::string_view text) { asio::write(socket_, asio::buffer(text)); }
  /// All that comes until the server closes, or until `enough` is in it.
  std::string receive(const std::string& enough = "") {
    read();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!closed_ && (enough.empty() || got_.find(enough) == std::string::npos) &&
           std::chrono::steady_clock::now() < end) {
      context_.restart();
      context_.run_one_for(std::chrono::seconds{1});
    }
    return got_;
  }
  /// Whether the server has closed it by now, or does so within half a minute.
  bool is_closed() {
    receive();
    return closed_;
  }

 private:
  void read() {
    if (std::exchange(reading_, true)) return;
    socket_.async_read_some(asio::buffer(chunk_), [this](auto error, std::size_t n) {
      reading_ = false;
      got_.append(chunk_.data(), n);
      closed_ = static_cast<bool>(error);
      if (!error) read();
    });
  }

  asio::io_context& context_;
  tcp::socket socket_;
  std::array<char, 4096> chunk_{};
  std::string got_;
  bool reading_ = false;
  bool closed_ = false;
};

struct HttpServerTest : testing::Test {
  void serve(const HttpServerConfig& config = {}) {
    auto started = HttpServer::start(context.get_executor(), config, handler);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }
  Result<HttpResponse> ask(std::string target, std::string body = "") {
    HttpTarget where;
    where.host = "127.0.0.1";
    where.port = server->port();
    HttpClient client{context.get_executor(), where};
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(target);
    request.body = std::move(body);
    return run_task(context, client.send(std::move(request), patience));
  }
  std::string raw(std::string_view text) {
    RawClient client{context, server->port()};
    client.send(text);
    return client.receive();
  }

  asio::io_context context;
  std::shared_ptr<Guarded> handler = std::make_shared<Guarded>();
  std::unique_ptr<HttpServer> server;
};

TEST_F(HttpServerTest, BodiesAreBoundedKeptAndCountedAsTheHandlerSays) {
  serve();
  EXPECT_EQ(ask("/", "12345")->body, "5 of 5 bytes kept\n");
  EXPECT_EQ(ask("/sink", std::string(999'999, 'x'))->body, "0 of 999999 bytes kept\n");
  const auto long_body = ask("/", std::string(101, 'x'));
  EXPECT_EQ(long_body->status, 413U);
  EXPECT_EQ(handler->handled, 2);
}

TEST_F(HttpServerTest, ARefusalComesBeforeTheBody) {
  serve();
  RawClient client{context, server->port()};
  client.send("POST /closed HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n");
  EXPECT_THAT(client.receive("closed"), StartsWith("HTTP/1.1 403"));
  EXPECT_EQ(ask("/closed", std::string(1'000'000, 'x'))->status, 403U);
  EXPECT_EQ(handler->handled, 0);
}

TEST_F(HttpServerTest, AClientThatAsksWhetherItMaySendIsLet) {
  serve();
  RawClient client{context, server->port()};
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.receive("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue"));
  client.send("abc");
  EXPECT_THAT(client.receive("kept"), HasSubstr("3 of 3 bytes kept"));
}

TEST_F(HttpServerTest, RequestsInOneGoAreAnsweredInOrder) {
  serve();
  RawClient client{context, server->port()};
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na"
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nbb");
  const std::string both = client.receive("2 of 2");
  EXPECT_LT(both.find("1 of 1"), both.find("2 of 2"));
}

struct Hostile {
  const char* name;
  std::string request;
  const char* answer;
};

class HostileRequest : public HttpServerTest, public testing::WithParamInterface<Hostile> {};

TEST_P(HostileRequest, IsRefusedAndItsConnectionClosed) {
  serve();
  EXPECT_THAT(raw(GetParam().request), StartsWith(GetParam().answer));
  EXPECT_EQ(handler->handled, 0);
  EXPECT_EQ(ask("/", "a")->status, 200U);
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileRequest,
    testing::Values(
        Hostile{"binary", std::string("\x00\x01\x02\xff\r\n\r\n", 8), "HTTP/1.1 400"},
        Hostile{"no_version", "GET /\r\n\r\n", "HTTP/1.1 400"},
        Hostile{"long_header", "GET / HTTP/1.1\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n",
                "HTTP/1.1 431"},
        Hostile{"long_target", "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n",
                "HTTP/1.1 431"},
        Hostile{"endless_header",
                "GET / HTTP/1.1\r\n" +
                    [] {
                      std::string lines;
                      for (int i = 0; i < 2'000; ++i) lines += "X-Line: some text\r\n";
                      return lines;
                    }(),
                "HTTP/1.1 431"},
        Hostile{"negative_length", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400"},
        Hostile{"two_lengths",
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 400"},
        Hostile{
            "length_and_chunks",
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 400"},
        Hostile{"gzip_and_chunks",
                "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 400"},
        Hostile{"gzip_alone", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc",
                "HTTP/1.1 400"},
        Hostile{"identity",
                "POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 400"},
        Hostile{"chunks_twice",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"
                "\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 400"},
        Hostile{"almost_chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 400"},
        Hostile{"huge_length", "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                "HTTP/1.1 413"},
        Hostile{"huge_chunks",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" +
                    std::string(4095, 'x') + "\r\n",
                "HTTP/1.1 413"},
        Hostile{"broken_chunk", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 400"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(HttpServerTest, ADrippedRequestIsCutOff) {
  HttpServerConfig config;
  config.request_timeout = Duration{50};
  serve(config);
  RawClient client{context, server->port()};
  client.send("GET / HTTP/1.1\r\nX");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, AnIdleConnectionIsCutOff) {
  HttpServerConfig config;
  config.idle_timeout = Duration{50};
  serve(config);
  RawClient client{context, server->port()};
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, AThousandIdleConnectionsKeepNobodyOut) {
  HttpServerConfig config;
  config.connections_max = 50;
  config.idle_timeout = Duration{3'600'000};
  serve(config);
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 400; ++i) {
    idle.push_back(std::make_unique<RawClient>(context, server->port()));
    if (i % 2 == 0) idle.back()->send("GET / HTTP/1.1\r\nX-");
  }
  EXPECT_EQ(ask("/", "a")->status, 200U);
  EXPECT_TRUE(idle.front()->is_closed());
}

TEST_F(HttpServerTest, ClientsThatNeverReadKeepNobodyOut) {
  HttpServerConfig config;
  config.connections_max = 3;
  config.answer_timeout = Duration{3'600'000};
  serve(config);
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 3; ++i) {
    silent.push_back(std::make_unique<RawClient>(context, server->port()));
    silent.back()->send("POST /long HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    while (handler->handled == i) {
      context.restart();
      ASSERT_GT(context.run_one_for(std::chrono::seconds{30}), 0U);
    }
  }
  const auto answer = ask("/", "a");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200U);
}

TEST(ConnectionToClose, IsTheLongestWaitingOfTheBusiestPeer) {
  const HttpConnection::Clock::time_point start{};
  const auto at = [&](int s) { return start + std::chrono::seconds{s}; };
  EXPECT_EQ(connection_to_close({}), std::nullopt);
  EXPECT_EQ(connection_to_close({{"a", std::nullopt}}), std::nullopt);
  EXPECT_EQ(connection_to_close({{"a", at(5)}, {"b", at(2)}}), 1U);
  EXPECT_EQ(connection_to_close({{"a", at(5)}, {"b", at(1)}, {"a", at(3)}, {"a", at(4)}}), 2U);
  EXPECT_EQ(connection_to_close({{"a", std::nullopt}, {"a", std::nullopt}, {"b", at(1)}}), 2U);
}

}  // namespace
}  // namespace plimsoll
