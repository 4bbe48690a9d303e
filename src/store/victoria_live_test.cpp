#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/store_conformance.h"
#include "store/victoria_store.h"
#include "support/victoria_metrics.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct VictoriaLive : testing::Test {
  void start(VictoriaMetrics::Auth auth) {
    auto started = VictoriaMetrics::start(auth);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
    config.url = server->url();
    config.login = {server->user(), server->password(), ""};
    config.clock = [this] { return now; };
  }
  std::unique_ptr<VictoriaStore> connect() {
    auto made = VictoriaStore::make(context.get_executor(), config);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  Result<WriteReport> write(VictoriaStore& store, std::vector<Point> points) {
    auto report = run_task(context, store.write(std::move(points)));
    const auto flushed = server->flush();
    EXPECT_TRUE(flushed) << flushed.error().message;
    return report;
  }
  Result<std::vector<Point>> latest(VictoriaStore& store, std::int64_t since_ms) {
    LatestQuery query{"Device", {}, at(since_ms)};
    return run_task(context, store.latest(std::move(query)));
  }

  asio::io_context context;
  std::unique_ptr<VictoriaMetrics> server;
  VictoriaConfig config;
  TimePoint now = at(0);
};

TEST_F(VictoriaLive, AwayIsUnreachableAndBackIsBackWithAllItHad) {
  start(VictoriaMetrics::Auth::none);
  if (!server) return;
  const auto store = connect();
  ASSERT_TRUE(run_task(context, store->open()));
  const auto first = device("h1", 0, {{"a", 1.0}, {"os", std::string{"x"}}});
  ASSERT_TRUE(write(*store, {first}));
  server->stop();
  for (const auto& error : {run_task(context, store->open()).error(), latest(*store, 0).error(),
                            run_task(context, store->write({first})).error()}) {
    EXPECT_EQ(error.code, Errc::unreachable);
    EXPECT_THAT(error.message, HasSubstr(std::to_string(server->port())));
  }
  const auto back = server->start_again();
  ASSERT_TRUE(back) << back.error().message;
  const auto second = device("h2", 1, {{"a", 2.0}});
  ASSERT_TRUE(write(*store, {second}));
  const auto points = latest(*store, 0);
  ASSERT_TRUE(points) << points.error().message;
  EXPECT_THAT(*points, ElementsAre(first, second));
}

TEST_F(VictoriaLive, AWrongPasswordIsOneClearLineWithoutThePassword) {
  start(VictoriaMetrics::Auth::password);
  if (!server) return;
  config.login.password = "not-this-one";
  const auto store = connect();
  for (const auto& error : {run_task(context, store->open()).error(), latest(*store, 0).error()}) {
    EXPECT_EQ(error.code, Errc::unauthorized);
    EXPECT_THAT(error.message, HasSubstr("check store.username and store.password_file"));
    EXPECT_THAT(error.message, Not(HasSubstr("not-this-one")));
    EXPECT_THAT(error.message, Not(HasSubstr("\n")));
  }
}

// What is silent is known by heart after the first look back, what is new is seen at once.
TEST_F(VictoriaLive, LatestFindsTheSilentAndTheLivelyAsTimeGoesOn) {
  start(VictoriaMetrics::Auth::none);
  if (!server) return;
  constexpr std::int64_t minute = 60'000;
  const auto store = connect();
  ASSERT_TRUE(run_task(context, store->open()));
  const auto silent = device("silent", 0, {{"a", 1.0}});
  ASSERT_TRUE(write(*store, {silent}));
  for (int i = 60; i <= 90; i += 2) {
    now = at(i * minute);
    const auto lively = device("lively", i * minute, {{"a", 1.0 * i}});
    ASSERT_TRUE(write(*store, {lively}));
    const auto points = latest(*store, 0);
    ASSERT_TRUE(points) << points.error().message;
    ASSERT_THAT(*points, ElementsAre(lively, silent)) << i;
    EXPECT_THAT(*latest(*store, minute), ElementsAre(lively));
  }
  // A late point of the silent one, from the spool.
  const auto later = device("silent", 10 * minute, {{"a", 2.0}});
  ASSERT_TRUE(write(*store, {later}));
  EXPECT_THAT(*latest(*store, 0), ElementsAre(device("lively", 90 * minute, {{"a", 90.0}}), later));
}

TEST_F(VictoriaLive, WhatIsWrittenIsSeenAsLateAsIsStated) {
  start(VictoriaMetrics::Auth::none);
  if (!server) return;
  const auto store = connect();
  ASSERT_TRUE(run_task(context, store->open()));
  const auto point = device("h1", 0, {{"a", 1.0}});
  ASSERT_TRUE(run_task(context, store->write({point})));
  const auto give_up = std::chrono::steady_clock::now() + 10 * store->traits().visible_after;
  std::size_t seen = 0;
  while (seen == 0 && std::chrono::steady_clock::now() < give_up) seen = latest(*store, 0)->size();
  EXPECT_EQ(seen, 1U);
}

}  // namespace
}  // namespace plimsoll
