#include "hand/gate.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "hand/gate_request.h"
#include "runtime/http_client.h"
#include "support/fake_engine.h"
#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using ::testing::HasSubstr;

Order gate_order(std::uint64_t epoch) {
  return {MoveId{"abcdefabcdef"}, epoch, "aaaaaaaaaaaaaaaa", false};
}

struct GateTest : testing::Test {
  GateTest() : engine(context, {(folder.path() / "engine").string()}) {
    EXPECT_TRUE(fence.admit(gate_order(4)));
  }

  void open(std::optional<Order> order) {
    GateConfig config;
    config.docker.unix_path = (folder.path() / "engine").string();
    config.socket = folder.path() / "gate";
    config.state = folder.path();
    config.order = std::move(order);
    bool ready = false;
    asio::co_spawn(context, run_gate(config, [&ready] { ready = true; }), asio::detached);
    EXPECT_TRUE(test::run_until(context, [&] { return ready; }));
  }

  HttpTarget target() const {
    HttpTarget target;
    target.unix_path = (folder.path() / "gate").string();
    return target;
  }

  Result<HttpResponse> ask(HttpClient& client, const std::string& method = "GET",
                           const std::string& path = "/images/json", const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.target = path;
    request.body = body;
    return run_task(context, client.send(request, Duration{10'000}));
  }

  TempDir folder;
  asio::io_context context;
  test::FakeEngineUnix engine;
  Fence fence{folder.path()};
};

TEST_F(GateTest, PassesWhatACurrentOrderAsks) {
  open(gate_order(4));
  HttpClient client{context.get_executor(), target()};
  for (int i = 0; i < 3; ++i) {
    const auto answer = ask(client);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body, R"([{"Id":"sha256:f","Size":1000}])");
  }
  EXPECT_EQ(engine.asked["/images/json"], 3);
}

TEST_F(GateTest, NothingOfASupersededOrderReachesTheEngine) {
  open(gate_order(4));
  HttpClient client{context.get_executor(), target()};
  ASSERT_TRUE(ask(client));
  ASSERT_TRUE(fence.admit(gate_order(5)));
  const auto refused = ask(client, "POST", "/containers/x/start");
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->status, 409U);
  EXPECT_THAT(refused->body, HasSubstr("superseded"));
  HttpClient another{context.get_executor(), target()};
  EXPECT_EQ(ask(another)->status, 409U);
  EXPECT_FALSE(engine.asked.contains("/containers/x/start"));
}

TEST_F(GateTest, OnlyItsOwnerMayConnect) {
  open(gate_order(4));
  struct stat status {};
  ASSERT_EQ(::stat(target().unix_path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(GateTest, WhoMayLookOnlyLooks) {
  open(std::nullopt);
  HttpClient client{context.get_executor(), target()};
  EXPECT_EQ(ask(client)->status, 200U);
  EXPECT_EQ(ask(client)->status, 200U);
  const auto refused = ask(client, "POST", "/containers/x/start", "{}");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 409U);
  EXPECT_THAT(refused->body, HasSubstr("POST"));
  EXPECT_FALSE(engine.asked.contains("/containers/x/start"));
}

TEST(LookFilter, HoldsBackWhatIsNotWholeYet) {
  LookFilter filter;
  EXPECT_EQ(filter.feed("GET /info HTTP/1.1\r\nHost: d\r\n").value(), "");
  EXPECT_EQ(filter.feed("\r\nGET /x HT").value(), "GET /info HTTP/1.1\r\nHost: d\r\n\r\n");
  EXPECT_EQ(filter.feed("TP/1.1\r\n\r\n").value(), "GET /x HTTP/1.1\r\n\r\n");
}

TEST(LookFilter, LetsNothingSlipIn) {
  for (const char* head :
       {"POST /x HTTP/1.1\r\n\r\n", "GET /x HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
        "GET /x HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n",
        "GET /x HTTP/1.1\r\nUPGRADE: tcp\r\n\r\n", "GET /x HTTP/1.1\n\nPOST /y HTTP/1.1\r\n\r\n",
        "GET /x HTTP/1.1\r\nA: b\rPOST /y HTTP/1.1\r\n\r\n", "\r\n\r\n"}) {
    LookFilter filter;
    EXPECT_FALSE(filter.feed(head)) << head;
  }
  LookFilter endless;
  EXPECT_EQ(endless.feed(std::string(20'000, 'a')).error().code, Errc::too_large);
}

}  // namespace
}  // namespace plimsoll
