#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/influx_store.h"
#include "store/store_conformance.h"
#include "support/influxd.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

struct InfluxLive : testing::Test {
  void start(Influxd::Auth auth) {
    auto started = Influxd::start(auth);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
    config.url = server->url();
    config.database = "telemetrydata";
    config.login.username = server->user();
    config.login.password = server->password();
  }
  std::unique_ptr<InfluxStore> connect() {
    auto made = InfluxStore::make(context.get_executor(), config);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
  Result<void> open(InfluxStore& store) { return run_task(context, store.open()); }
  Result<WriteReport> write(InfluxStore& store, std::vector<Point> points) {
    return run_task(context, store.write(std::move(points)));
  }
  Result<std::vector<Point>> latest(InfluxStore& store) {
    LatestQuery query{"Device", {}, at(0)};
    return run_task(context, store.latest(std::move(query)));
  }

  asio::io_context context;
  std::unique_ptr<Influxd> server;
  InfluxConfig config;
};

TEST_F(InfluxLive, AwayIsUnreachableAndBackIsBackWithAllItHad) {
  start(Influxd::Auth::none);
  if (!server) return;
  const auto store = connect();
  ASSERT_TRUE(open(*store));
  ASSERT_TRUE(write(*store, {device("h1", 0, {{"a", 1.0}})}));

  server->stop();
  const auto lost = write(*store, {device("h1", 1, {{"a", 2.0}})});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::unreachable);
  EXPECT_THAT(lost.error().message, HasSubstr(std::to_string(server->port())));
  EXPECT_EQ(latest(*store).error().code, Errc::unreachable);
  EXPECT_EQ(open(*store).error().code, Errc::unreachable);

  const auto back = server->start_again();
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_TRUE(write(*store, {device("h2", 1, {{"a", 2.0}})}));
  const auto points = latest(*store);
  ASSERT_TRUE(points) << points.error().message;
  EXPECT_EQ(points->size(), 2U);
}

TEST_F(InfluxLive, AWrongPasswordIsOneClearLineWithoutThePassword) {
  start(Influxd::Auth::password);
  if (!server) return;
  config.login.password = "not-this-one";
  const auto store = connect();
  for (const auto& error : {open(*store).error(), latest(*store).error(),
                            write(*store, {device("h1", 0, {{"a", 1.0}})}).error()}) {
    EXPECT_EQ(error.code, Errc::unauthorized);
    EXPECT_THAT(error.message, HasSubstr(server->url()));
    EXPECT_THAT(error.message, HasSubstr("check store.username and store.password_file"));
    EXPECT_THAT(error.message, Not(HasSubstr("not-this-one")));
    EXPECT_THAT(error.message, Not(HasSubstr("\n")));
  }
}

TEST_F(InfluxLive, NoUserWhereOneIsWantedSaysWhatToSet) {
  start(Influxd::Auth::password);
  if (!server) return;
  config.login.username.clear();
  const auto store = connect();
  const auto opened = open(*store);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unauthorized);
  EXPECT_THAT(opened.error().message, HasSubstr("set store.username and store.password_file"));
}

TEST_F(InfluxLive, AUserWithoutRightsIsToldApartFromAMissingDatabase) {
  start(Influxd::Auth::password);
  if (!server) return;
  ASSERT_TRUE(server->query("CREATE USER small WITH PASSWORD 'x'"));
  ASSERT_TRUE(server->query("CREATE DATABASE mine; GRANT ALL ON mine TO small"));
  config.login.username = "small";
  config.login.password = "x";
  auto store = connect();
  const auto opened = open(*store);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unauthorized);
  EXPECT_THAT(opened.error().message, HasSubstr("telemetrydata"));

  config.database = "mine";
  store = connect();
  const auto there = open(*store);  // no rights to make it, but it is there
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_TRUE(write(*store, {device("h1", 0, {{"a", 1.0}})}));
}

TEST_F(InfluxLive, ADroppedDatabaseIsMadeAgain) {
  start(Influxd::Auth::none);
  if (!server) return;
  const auto store = connect();
  ASSERT_TRUE(open(*store));
  ASSERT_TRUE(write(*store, {device("h1", 0, {{"a", 1.0}})}));
  ASSERT_TRUE(server->query("DROP DATABASE telemetrydata"));
  const auto report = write(*store, {device("h2", 0, {{"a", 1.0}})});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->written, 1U);
  EXPECT_EQ(latest(*store)->size(), 1U);
}

TEST_F(InfluxLive, OneBadPointAmongThousandsIsFound) {
  start(Influxd::Auth::none);
  if (!server) return;
  const auto store = connect();
  ASSERT_TRUE(open(*store));
  ASSERT_TRUE(write(*store, {device("h1", 0, {{"a", 1.0}})}));
  std::vector<Point> points;
  points.reserve(12'000);
  for (int i = 0; i < 12'000; ++i)
    points.push_back(device("h" + std::to_string(i % 50), i, {{"a", 1.0}}));
  points[7'777].fields = {{"a", true}};
  points[7'777].tags = {{"host", "culprit"}};
  const auto report = write(*store, std::move(points));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->written, 11'999U);
  EXPECT_EQ(report->rejected, 1U);
  ASSERT_EQ(report->problems.size(), 1U);
  EXPECT_THAT(report->problems[0], HasSubstr("host=culprit"));
}

}  // namespace
}  // namespace plimsoll
