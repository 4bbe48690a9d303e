#include "hand/stop_and_send.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <csignal>

#include "hand/fence.h"
#include "support/agent_server.h"
#include "support/local_ssh.h"
#include "support/odd_tree.h"
#include "support/run_task.h"

namespace plimsoll {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// An engine with one container, whose process is a real child of ours.
struct TightStopTest : testing::Test {
  TempDir from;
  TempDir to;
  TempDir host;
  LocalSsh ssh;
  asio::io_context io;
  HandContext context;
  std::vector<std::string> parts;
  std::string state = "running";
  std::string started = "2026-01-01T00:00:00Z";
  bool stop_fails = false;
  bool comes_back = false;
  pid_t pid = ::fork();
  std::unique_ptr<RunningAgent> engine;

  TightStopTest() {
    if (pid == 0) {
      for (;;) ::pause();
    }
    engine = std::make_unique<RunningAgent>(
        io, [this](const HttpRequest& request) { return answer(request); });
    context.docker.host = "127.0.0.1";
    context.docker.port = engine->port();
    context.order = {MoveId{"abcdefabcdef"}, 1, "aaaaaaaaaaaaaaaa", false};
    context.state = host.path() / "state";
    context.run = host.path() / "run";
    context.reached = [this](const std::string& part) { parts.push_back(part); };
    EXPECT_TRUE(Fence{context.state}.admit(context.order));
    write_text(from.path() / "file", "written last");
  }
  ~TightStopTest() override { end_process(); }
  TightStopTest(const TightStopTest&) = delete;
  TightStopTest& operator=(const TightStopTest&) = delete;

  void end_process() {
    if (pid > 0) ::kill(pid, SIGKILL), ::waitpid(pid, nullptr, 0);
    pid = -1;
  }
  HttpResponse answer(const HttpRequest& request) {
    HttpResponse response;
    response.status = 204;
    if (request.target.ends_with("/stop")) {
      if (stop_fails) return failed("cannot stop");
      end_process();
      state = comes_back ? "running" : "exited";
    } else if (request.target.ends_with("/unpause")) {
      state = "running";
    } else if (request.target.ends_with("/pause")) {
      state = "paused";
    } else {
      response.status = 200;
      response.body = fmt::format(
          R"({{"Id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","Name":"/web","Image":"sha256:f","Config":{{}},"HostConfig":{{}},)"
          R"("State":{{"Status":"{}","Pid":{},"ExitCode":3,"StartedAt":"{}"}}}})",
          state, pid, started);
    }
    return response;
  }
  static HttpResponse failed(const char* words) {
    HttpResponse response;
    response.status = 500;
    response.body = fmt::format(R"({{"message":"{}"}})", words);
    return response;
  }
  StopAndSend request() {
    StopAndSend stop;
    stop.container = "abc";
    stop.send.way.address = "there";
    stop.send.pairs = {{from.path().string(), to.path().string()}};
    return stop;
  }
  Result<StoppedAndSent> run(StopAndSend stop) {
    return run_task(io, stop_and_send(&context, std::move(stop)));
  }
  [[nodiscard]] bool arrived() const {
    return digest_tree(from.path(), {}).value().sum == digest_tree(to.path(), {}).value().sum;
  }
};

TEST_F(TightStopTest, StopsThenSendsThenCompares) {
  const auto done = run(request());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(arrived());
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(done->digests.front().sum, digest_tree(to.path(), {}).value().sum);
  EXPECT_THAT(parts, ElementsAre("dead", "sent"));
  EXPECT_LE(done->dead_s, done->sent_s);
  EXPECT_LE(done->sent_s, done->total_s);
}

TEST_F(TightStopTest, ASupersededOrderStopsNothing) {
  auto newer = context.order;
  newer.epoch = 2;
  ASSERT_TRUE(Fence{context.state}.admit(newer));
  const auto done = run(request());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::refused);
  EXPECT_THAT(engine->agent->asked, Not(Contains(HasSubstr("stop"))));
}

TEST_F(TightStopTest, AnEngineThatCannotStopItEndsTheWaiting) {
  stop_fails = true;
  const auto done = run(request());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("cannot stop"));
  EXPECT_EQ(ssh.commands(), "") << "it lives: nothing may be sent as the last";
}

TEST_F(TightStopTest, AContainerThatComesBackIsAConflict) {
  comes_back = true;
  const auto done = run(request());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::conflict);
}

TEST_F(TightStopTest, OneThatStandsStillIsOnlySent) {
  end_process();
  state = "exited";
  const auto done = run(request());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(arrived());
  EXPECT_THAT(engine->agent->asked, Not(Contains(HasSubstr("stop"))));
}

TEST_F(TightStopTest, OneInOtherHandsIsAConflict) {
  state = "restarting";
  EXPECT_EQ(run(request()).error().code, Errc::conflict);
}

TEST_F(TightStopTest, FrozenItIsSentTheSameWay) {
  auto stop = request();
  stop.pause = true;
  const auto done = run(stop);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(state, "paused");
  EXPECT_TRUE(arrived());
}

TEST_F(TightStopTest, FrozenItGoesOnWhenTheSendingFails) {
  auto stop = request();
  stop.pause = true;
  stop.send.pairs.front().to = "/proc/nowhere";
  const auto done = run(stop);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("the container goes on"));
  EXPECT_EQ(state, "running");
}

TEST_F(TightStopTest, FrozenItGoesOnWhenNobodyListensAnyMore) {
  auto stop = request();
  stop.pause = true;
  ssh.before_each("exec sleep 1000");
  asio::steady_timer gone{io, asio::steady_timer::time_point::max()};
  context.reached = [&](const std::string&) { gone.cancel(); };
  const auto race = [&]() -> Task<std::size_t> {
    using namespace asio::experimental::awaitable_operators;
    auto both =
        stop_and_send(&context, stop) || gone.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto first = co_await std::move(both);
    co_return first.index();
  };
  EXPECT_EQ(run_task(io, race()), 1U);
  EXPECT_EQ(state, "running");
}

}  // namespace
}  // namespace plimsoll
