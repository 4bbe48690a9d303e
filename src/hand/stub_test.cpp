#include "hand/stub.h"

#include <gmock/gmock.h>

#include "hand/divert.h"
#include "hand/stub_keeper.h"
#include "support/fake_engine.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using asio::ip::tcp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(StubSpec, SaysWhatIsWrong) {
  const auto good = parse_stub_spec(
      R"({"ports":[{"listen":"0.0.0.0:8080","to":"10.77.0.12:8080"},{"listen":"[::]:8080","to":"[fd00::2]:80"}],)"
      R"("seconds":60,"hold_s":5,"divert":true,"connections_max":10})");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->ports.size(), 2U);
  EXPECT_EQ(good->lasts, Duration{60'000});
  EXPECT_TRUE(good->divert);
  const auto message = [](const std::string& text) {
    const auto spec = parse_stub_spec(text);
    return spec ? std::string{"accepted"} : spec.error().message;
  };
  EXPECT_THAT(message("{}"), HasSubstr("ports"));
  EXPECT_THAT(message(R"({"ports":[{"listen":"0.0.0.0:53/udp","to":"10.0.0.1:53"}]})"),
              HasSubstr("'0.0.0.0:53/udp': only TCP"));
  EXPECT_THAT(message(R"({"ports":[{"listen":"0.0.0.0:53","protocol":"udp","to":"10.0.0.1:53"}]})"),
              HasSubstr("'udp': only TCP"));
  EXPECT_THAT(message(R"({"ports":[{"listen":"0.0.0.0","to":"10.0.0.1:53"}]})"),
              HasSubstr("listen"));
  EXPECT_THAT(message(R"({"ports":[{"listen":"0.0.0.0:80","to":"h2:80"}]})"), HasSubstr("h2:80"));
  EXPECT_THAT(message(R"({"ports":[{"listen":"0.0.0.0:80","to":"1.2.3.4:80"}],"seconds":0})"),
              HasSubstr("seconds"));
}

TEST(StubStatus, ComesBackAsItWasWritten) {
  StubStatus status;
  status.running = status.diverts = true;
  status.ports = 2;
  status.hits = 12;
  status.problem = "a \"problem\"";
  EXPECT_EQ(stub_json(parse_stub_status(stub_json(status)).value()), stub_json(status));
}

/// A server that answers each connection with what it got, in capitals, once its end has come.
struct Shouter {
  explicit Shouter(asio::io_context& io, const tcp::endpoint& at) : acceptor(io, at) {
    asio::co_spawn(io, serve(), asio::detached);
  }
  Task<> serve() {
    for (;;) {
      auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      ++served;
      asio::co_spawn(acceptor.get_executor(), shout(std::move(socket)), asio::detached);
    }
  }
  static Task<> shout(tcp::socket socket) {
    std::string text;
    co_await asio::async_read(socket, asio::dynamic_buffer(text),
                              asio::as_tuple(asio::use_awaitable));
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    co_await asio::async_write(socket, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
  }
  tcp::acceptor acceptor;
  int served = 0;
};

/// Two ports that were free a moment ago.
struct StubTest : testing::Test {
  StubTest() {
    tcp::acceptor first{io, test::any_loopback_port()};
    tcp::acceptor second{io, test::any_loopback_port()};
    here = first.local_endpoint();
    there = second.local_endpoint();
  }

  StubServer& start(Duration hold = Duration{20'000}, std::size_t most = 100) {
    StubSpec spec;
    spec.ports = {{here, there}};
    spec.hold = hold;
    spec.connections_max = most;
    server.emplace(io.get_executor(), MoveId{"abcdefabcdef"}, spec);
    asio::co_spawn(io, server->run(), asio::detached);
    return *server;
  }
  bool until(const std::function<bool()>& done) { return test::run_until(io, done); }

  static Task<Result<std::string>> say(tcp::endpoint to, std::string text) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::socket socket{executor};
    const auto [refused] = co_await socket.async_connect(to, asio::as_tuple(asio::use_awaitable));
    if (refused) co_return Error{Errc::unreachable, refused.message()};
    co_await asio::async_write(socket, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer),
                              asio::as_tuple(asio::use_awaitable));
    co_return answer;
  }

  asio::io_context io;
  tcp::endpoint here, there;
  std::optional<StubServer> server;
};

TEST_F(StubTest, ForwardsBothWaysWithHalfCloses) {
  Shouter shouter{io, there};
  start();
  ASSERT_TRUE(until([&] { return server->status().listening == 1; }));
  EXPECT_EQ(run_task(io, say(here, "hello")).value(), "HELLO");
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(run_task(io, say(here, large)).value(), std::string(3'000'000, 'X'));
  ASSERT_TRUE(until([&] { return server->status().open == 0; }));
  EXPECT_EQ(server->status().hits, 2U);
}

TEST_F(StubTest, HoldsAConnectionUntilTheDestinationAnswers) {
  start();
  ASSERT_TRUE(until([&] { return server->status().listening == 1; }));
  std::vector<std::optional<Result<std::string>>> answers(50);
  for (auto& answer : answers) {
    asio::co_spawn(io, say(here, "held"),
                   [&answer](const std::exception_ptr&, Result<std::string> said) {
                     answer = std::move(said);
                   });
  }
  ASSERT_TRUE(until([&] { return server->status().hits == answers.size(); }));
  Shouter shouter{io, there};
  ASSERT_TRUE(until([&] { return std::ranges::all_of(answers, [](auto& a) { return bool(a); }); }));
  for (const auto& answer : answers) EXPECT_EQ(answer->value(), "HELD");
}

TEST_F(StubTest, TakesThePortAsSoonAsItIsFree) {
  std::optional<tcp::acceptor> holder{std::in_place, io, here};
  Shouter shouter{io, there};
  start();
  ASSERT_TRUE(until([&] { return server->status().ports == 1; }));
  EXPECT_EQ(server->status().listening, 0U);
  holder.reset();
  ASSERT_TRUE(until([&] { return server->status().listening == 1; }));
  EXPECT_EQ(run_task(io, say(here, "free")).value(), "FREE");
}

TEST_F(StubTest, LetsGoOfWhatNobodyAnswersAndOfTooMany) {
  start(Duration{30}, 1);
  ASSERT_TRUE(until([&] { return server->status().listening == 1; }));
  EXPECT_EQ(run_task(io, say(here, "anybody?")).value(), "");
  EXPECT_EQ(server->status().unanswered, 1U);
  std::optional<Result<std::string>> first;
  asio::co_spawn(io, say(here, "1"), [&](const std::exception_ptr&, Result<std::string> said) {
    first = std::move(said);
  });
  EXPECT_TRUE(run_task(io, say(here, "2")));
  ASSERT_TRUE(until([&] { return first.has_value(); }));
  EXPECT_EQ(server->status().unanswered + server->status().turned_away, 3U);
}

TEST(Divert, FindsItsOwnRulesAgain) {
  const MoveId id{"abcdefabcdef"};
  const std::string rule =
      "-A PREROUTING -p tcp -m addrtype --dst-type LOCAL -m tcp --dport 8080 -m comment --comment "
      "\"plimsoll-abcdefabcdef\" -j REDIRECT --to-ports 40000";
  EXPECT_THAT(words_to_delete(rule, id, 8080),
              ElementsAre("-D", "PREROUTING", "-p", "tcp", "-m", "addrtype", "--dst-type", "LOCAL",
                          "-m", "tcp", "--dport", "8080", "-m", "comment", "--comment",
                          "plimsoll-abcdefabcdef", "-j", "REDIRECT", "--to-ports", "40000"));
  EXPECT_FALSE(words_to_delete(rule, id, 0).empty());
  EXPECT_THAT(words_to_delete(rule, id, 80), IsEmpty());
  EXPECT_THAT(words_to_delete(rule, MoveId{"bbbbbbbbbbbb"}, 0), IsEmpty());
  EXPECT_THAT(words_to_delete("-P PREROUTING ACCEPT", id, 0), IsEmpty());
  EXPECT_THAT(words_to_delete("", id, 0), IsEmpty());
}

}  // namespace
}  // namespace plimsoll
