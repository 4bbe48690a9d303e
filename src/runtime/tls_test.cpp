#include "runtime/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/http_client.h"
#include "runtime/http_server.h"
#include "support/certificates.h"
#include "support/fake_tree.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using test::Certificate;
using test::FakeTree;
using test::make_authority;
using test::make_certificate;
using ::testing::HasSubstr;

constexpr Duration patience{20'000};

/// Gives back what it gets, and a lot where it is asked for that.
class Mirror : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    if (request.target == "/big") co_return text_response(std::string(500'000, 'x'));
    co_return text_response(request.body.empty() ? "hello" : request.body);
  }
};

struct TlsTest : testing::Test {
  TlsTest() {
    files.write("ca.pem", authority.cert);
    put(make_certificate(authority, "IP:127.0.0.1,DNS:localhost"));
    HttpServerConfig config;
    config.tls_cert = files.root() / "cert.pem";
    config.tls_key = files.root() / "key.pem";
    config.follow_files_every = Duration{20};
    auto started = HttpServer::start(context.get_executor(), config, std::make_shared<Mirror>());
    EXPECT_TRUE(started) << started.error().message;
    server = std::move(*started);
    trust = TlsTrust::load(files.root() / "ca.pem").value();
  }

  void put(const Certificate& pair) const {
    files.write("cert.pem", pair.cert);
    files.write("key.pem", pair.key);
  }
  [[nodiscard]] HttpTarget target() const {
    HttpTarget target;
    target.host = "127.0.0.1";
    target.port = server->port();
    target.tls = true;
    target.trust = trust;
    return target;
  }
  Result<HttpResponse> ask(HttpClient& client, std::string path = "/", std::string body = "") {
    HttpRequest request;
    request.method = body.empty() ? "GET" : "POST";
    request.target = std::move(path);
    request.body = std::move(body);
    return run_task(context, client.send(std::move(request), patience));
  }
  Result<HttpResponse> ask_once(const HttpTarget& where) {
    HttpClient client{context.get_executor(), where};
    return ask(client);
  }
  /// Asks with new connections until the answer is as wanted, for at most half a minute.
  template <class Wanted>
  bool comes_to(const HttpTarget& where, Wanted wanted) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < end) {
      if (wanted(ask_once(where))) return true;
    }
    return false;
  }

  Certificate authority = make_authority("authority one");
  FakeTree files{};
  asio::io_context context;
  std::unique_ptr<HttpServer> server;
  std::shared_ptr<TlsTrust> trust;
};

TEST_F(TlsTest, RequestsAndLongBodiesGoThrough) {
  HttpClient client{context.get_executor(), target()};
  EXPECT_EQ(ask(client)->body, "hello\n");
  EXPECT_EQ(ask(client, "/big")->body.size(), 500'001U);
  const std::string body(300'000, 'y');
  EXPECT_EQ(ask(client, "/", body)->body, body + "\n");
  EXPECT_TRUE(client.is_connected());
}

TEST_F(TlsTest, ANameIsCheckedAsAnAddressIs) {
  auto where = target();
  where.host = "localhost";
  EXPECT_EQ(ask_once(where)->status, 200U);
}

TEST_F(TlsTest, ACertificateForAnotherHostIsRefused) {
  put(make_certificate(authority, "DNS:elsewhere,IP:127.0.0.2"));
  EXPECT_TRUE(comes_to(target(), [](const auto& answer) {
    return !answer && answer.error().code == Errc::unauthorized &&
           answer.error().message.find("mismatch") != std::string::npos;
  }));
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefused) {
  auto where = target();
  files.write("other.pem", make_authority("authority two").cert);
  where.trust = TlsTrust::load(files.root() / "other.pem").value();
  const auto answer = ask_once(where);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unauthorized);
  EXPECT_THAT(answer.error().message, HasSubstr("certificate is not accepted"));
  where.trust = nullptr;  // The system's authorities do not know it either.
  EXPECT_EQ(ask_once(where).error().code, Errc::unauthorized);
}

TEST_F(TlsTest, ACertificateThatHasEndedIsRefused) {
  put(make_certificate(authority, "IP:127.0.0.1", -1));
  EXPECT_TRUE(comes_to(target(), [](const auto& answer) {
    return !answer && answer.error().message.find("expired") != std::string::npos;
  }));
}

TEST_F(TlsTest, ANewPairIsTakenByNewConnectionsAndOldOnesGoOn) {
  HttpClient old{context.get_executor(), target()};
  ASSERT_TRUE(ask(old));
  const auto next = make_authority("authority two");
  put(make_certificate(next, "IP:127.0.0.1"));
  EXPECT_TRUE(comes_to(target(), [](const auto& answer) { return !answer.has_value(); }));
  EXPECT_TRUE(ask(old));
  EXPECT_TRUE(old.is_connected());
  // The client's file too is followed.
  files.write("ca.pem", next.cert);
  EXPECT_TRUE(comes_to(target(), [](const auto& answer) { return answer.has_value(); }));
}

TEST_F(TlsTest, ABrokenPairLeavesTheOldInForce) {
  const std::string cert = files.root() / "cert.pem";
  const std::string key = files.root() / "key.pem";
  const auto identity = TlsIdentity::load(cert, key).value();
  files.write("key.pem", make_certificate(authority, "IP:127.0.0.1").key);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) identity->refresh();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("key.pem: does not belong to the certificate; the old"));
  EXPECT_EQ(log.find("the old"), log.rfind("the old")) << "said once: " << log;
  EXPECT_TRUE(identity->new_session());
  EXPECT_EQ(ask_once(target())->status, 200U);
}

TEST_F(TlsTest, WhoSpeaksPlainlyIsToldTo) {
  auto where = target();
  where.tls = false;
  const auto answer = ask_once(where);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 400U);
  EXPECT_THAT(answer->body, HasSubstr("https://"));
}

TEST_F(TlsTest, APlainServerIsNamedAsSuch) {
  auto plain = HttpServer::start(context.get_executor(), {}, std::make_shared<Mirror>()).value();
  auto where = target();
  where.port = plain->port();
  const auto answer = ask_once(where);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("does not speak TLS"));
}

TEST_F(TlsTest, ASilentClientIsNotWaitedForForEver) {
  HttpServerConfig config;
  config.tls_cert = files.root() / "cert.pem";
  config.tls_key = files.root() / "key.pem";
  config.request_timeout = Duration{50};
  auto quick =
      HttpServer::start(context.get_executor(), config, std::make_shared<Mirror>()).value();
  asio::ip::tcp::socket silent{context};
  silent.connect({asio::ip::address_v4::loopback(), quick->port()});
  std::array<char, 16> bytes{};
  boost::system::error_code ended;
  silent.async_read_some(asio::buffer(bytes), [&](auto error, std::size_t) { ended = error; });
  context.restart();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!ended && std::chrono::steady_clock::now() < end) {
    context.run_one_for(std::chrono::seconds{1});
  }
  EXPECT_EQ(ended, asio::error::eof);
}

TEST(TlsFiles, EachFaultNamesItsFile) {
  const auto authority = make_authority("a");
  const auto pair = make_certificate(authority, "IP:127.0.0.1");
  const FakeTree files{{"cert", pair.cert}, {"key", pair.key}, {"junk", "junk"}};
  const auto fault = [&](const char* cert, const char* key) {
    const auto loaded = TlsIdentity::load(files.root() / cert, files.root() / key);
    return loaded ? std::string{"fine"} : loaded.error().message;
  };
  EXPECT_EQ(fault("cert", "key"), "fine");
  EXPECT_THAT(fault("nowhere", "key"), HasSubstr("nowhere: cannot open"));
  EXPECT_THAT(fault("junk", "key"), HasSubstr("junk: holds no certificate"));
  EXPECT_THAT(fault("cert", "junk"), HasSubstr("junk: holds no private key"));
  EXPECT_THAT(fault("cert", "cert"), HasSubstr("holds no private key"));
  files.write("key", authority.key);
  EXPECT_THAT(fault("cert", "key"), HasSubstr("does not belong to the certificate"));
  EXPECT_EQ(TlsTrust::load(files.root() / "junk").error().code, Errc::invalid);
}

}  // namespace
}  // namespace plimsoll
