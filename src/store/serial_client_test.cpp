#include "store/serial_client.h"

#include <gtest/gtest.h>

#include "support/raw_server.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

Task<Result<HttpResponse>> get(SerialClient* client, Duration timeout) {
  HttpRequest request;
  request.target = "/";
  co_return co_await client->send(std::move(request), timeout);
}

struct SerialClientTest : testing::Test {
  HttpTarget target(std::uint16_t port) {
    HttpTarget made;
    made.host = "127.0.0.1";
    made.port = port;
    return made;
  }
  asio::io_context context;
};

TEST_F(SerialClientTest, WhoWaitsForHisTurnWaitsNoLongerThanHeWants) {
  const RawServer silent{context, "", true};
  SerialClient client{context.get_executor(), target(silent.port()), {}};
  bool first_ended = false;
  Errc first = Errc::invalid;
  auto ended = [&](const std::exception_ptr&, const Result<HttpResponse>& answer) {
    first_ended = true;
    first = answer.error().code;
  };
  asio::co_spawn(context, get(&client, Duration{2'000}), ended);
  const auto second = run_task(context, get(&client, Duration{20}));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::timeout);
  EXPECT_FALSE(first_ended);
  context.restart();
  while (!first_ended) context.run_one();
  EXPECT_EQ(first, Errc::timeout);
}

TEST_F(SerialClientTest, TheTurnIsFreeAgainAfterATimeout) {
  const RawServer answering{context, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false};
  const RawServer silent{context, "", true};
  SerialClient client{context.get_executor(), target(silent.port()), {}};
  EXPECT_EQ(run_task(context, get(&client, Duration{20})).error().code, Errc::timeout);
  EXPECT_EQ(run_task(context, get(&client, Duration{20})).error().code, Errc::timeout);
  SerialClient other{context.get_executor(), target(answering.port()), {}};
  for (int i = 0; i < 3; ++i) {
    const auto answer = run_task(context, get(&other, Duration{30'000}));
    ASSERT_TRUE(answer) << answer.error().message;
  }
}

}  // namespace
}  // namespace plimsoll
