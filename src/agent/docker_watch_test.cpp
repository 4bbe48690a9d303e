#include "agent/docker_watch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_engine.h"
#include "support/fake_host.h"

namespace plimsoll {
namespace {

using test::any_loopback_port;
using test::FakeEngineTcp;
using test::FakeEngineUnix;
using test::id_a;
using test::run_until;
using ::testing::HasSubstr;

const std::string id_b(64, 'b');

/// A watch that is quick to retry, cancelled at the end of the test.
class Watching {
 public:
  Watching(asio::io_context& context, const std::string& url) : Watching(context, quick(url)) {}
  Watching(asio::io_context& context, DockerWatchConfig config)
      : context_(context), watch_(context.get_executor(), std::move(config)) {
    watch_.on_change([this] { ++changes; });
    asio::co_spawn(context, watch_.run(),
                   asio::bind_cancellation_slot(
                       stop_.slot(), [this](const std::exception_ptr&) { done_ = true; }));
  }
  ~Watching() {
    stop_.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(run_until(context_, [&] { return done_; }));
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  [[nodiscard]] const DockerView& view() const { return *(held_ = watch_.view()); }
  [[nodiscard]] std::string states() const {
    std::string text;
    for (const auto& container : view().containers)
      text += container.name + ":" + container.state + " ";
    return text;
  }
  bool comes_to(const std::string& wanted) {
    return run_until(context_, [&] { return states() == wanted; });
  }

  void want_writable_sizes() { watch_.want_writable_sizes(); }

  static DockerWatchConfig quick(const std::string& url) {
    DockerWatchConfig config;
    config.url = url;
    config.request_timeout = Duration{500};
    config.gather = Duration{1};
    config.retry_first = Duration{5};
    config.retry_max = Duration{20};
    config.stream_retry_max = Duration{20};
    config.sizes_every = Duration{1};
    return config;
  }

  int changes = 0;

 private:
  asio::io_context& context_;
  DockerWatch watch_;
  asio::cancellation_signal stop_;
  mutable DockerViewPtr held_;
  bool done_ = false;
};

struct DockerWatchTest : ::testing::Test {
  [[nodiscard]] std::string url() const {
    return fmt::format("tcp://127.0.0.1:{}", engine.endpoint().port());
  }
  asio::io_context context;
  FakeEngineTcp engine{context, any_loopback_port()};
};

TEST_F(DockerWatchTest, ListsEverythingAtTheStart) {
  engine.add_container(id_a, "web", "running");
  engine.add_container(id_b, "db", "exited");
  Watching watching{context, url()};
  ASSERT_TRUE(watching.comes_to("web:running db:exited "));
  EXPECT_EQ(watching.view().version, "20.10.24");
  EXPECT_EQ(watching.view().storage_driver, "overlay2");
  EXPECT_EQ(watching.view().containers[0].image_bytes, 1000U);
  EXPECT_EQ(watching.view().warning, "");
}

TEST_F(DockerWatchTest, OneThatCannotBeInspectedHidesNoOther) {
  engine.add_container(id_a, "web", "running");
  engine.add_container(id_b, "db", "running");
  engine.broken.insert("/containers/" + id_b + "/json");
  Watching watching{context, url()};
  ASSERT_TRUE(watching.comes_to("web:running db:running "));
  EXPECT_TRUE(watching.view().containers[1].is_bare);
  EXPECT_TRUE(watching.view().containers[1].runs());
  EXPECT_THAT(watching.view().warning, HasSubstr("status 500"));
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.broken.clear();
  engine.add_container(id_a, "web", "paused");
  engine.send_event("container", "pause", id_a);
  ASSERT_TRUE(watching.comes_to("web:paused db:running "));
  EXPECT_FALSE(watching.view().containers[1].is_bare);
  EXPECT_EQ(watching.view().warning, "");
}

TEST_F(DockerWatchTest, OneThatCanNoLongerBeInspectedStaysAsItWas) {
  engine.add_container(id_a, "web", "running");
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.broken.insert("/containers/" + id_a + "/json");
  engine.add_container(id_a, "web", "exited");
  engine.send_event("container", "die", id_a);
  ASSERT_TRUE(watching.comes_to("web:exited "));
  EXPECT_EQ(watching.view().containers[0].image, "app:1");
  EXPECT_FALSE(watching.view().containers[0].runs());
  EXPECT_EQ(engine.streams(), 1U);
}

TEST_F(DockerWatchTest, WithoutTheSizesOfImagesAllTheRestIsThere) {
  engine.add_container(id_a, "web", "running");
  engine.broken.insert("/images/json");
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  EXPECT_EQ(watching.states(), "web:running ");
  EXPECT_EQ(watching.view().containers[0].image_bytes, std::nullopt);
  EXPECT_THAT(watching.view().warning, HasSubstr("/images/json"));
  const int asked = engine.asked["/images/json"];
  engine.add_container(id_a, "web", "paused");
  engine.send_event("container", "pause", id_a);
  ASSERT_TRUE(watching.comes_to("web:paused "));
  EXPECT_EQ(engine.asked["/images/json"], asked);
}

TEST_F(DockerWatchTest, OnlyAnEngineThatNeverAnsweredLeavesItBlind) {
  Watching watching{context, url()};
  EXPECT_FALSE(watching.view().is_blind);
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.close();
  ASSERT_TRUE(run_until(context, [&] { return !watching.view().warning.empty(); }));
  EXPECT_FALSE(watching.view().is_blind);
}

TEST_F(DockerWatchTest, AnEventLooksAtWhatChangedOnly) {
  engine.add_container(id_a, "web", "running");
  engine.add_container(id_b, "db", "running");
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.add_container(id_b, "db", "paused");
  engine.send_event("container", "pause", id_b);
  ASSERT_TRUE(watching.comes_to("web:running db:paused "));
  EXPECT_EQ(engine.asked["/containers/" + id_a + "/json"], 1);
  EXPECT_EQ(engine.asked["/containers/" + id_b + "/json"], 2);
}

TEST_F(DockerWatchTest, ContainersComeAndGo) {
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.add_container(id_a, "web", "running");
  engine.send_event("container", "start", id_a);
  ASSERT_TRUE(watching.comes_to("web:running "));
  engine.remove_container(id_a);
  engine.send_event("container", "destroy", id_a);
  ASSERT_TRUE(watching.comes_to(""));
}

TEST_F(DockerWatchTest, ABrokenStreamCausesAResync) {
  engine.add_container(id_a, "web", "running");
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.add_container(id_a, "web", "exited");
  engine.break_streams();
  ASSERT_TRUE(watching.comes_to("web:exited "));
  EXPECT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
}

TEST_F(DockerWatchTest, AnAnswerThatIsGarbageIsAWarningAndIsTriedAgain) {
  engine.answers["/info"] = "<html>";
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.asked["/info"] >= 2; }));
  EXPECT_THAT(watching.view().warning, HasSubstr("not JSON"));
  engine.answers["/info"] = "{}";
  EXPECT_TRUE(run_until(context, [&] { return watching.view().warning.empty(); }));
}

TEST_F(DockerWatchTest, TheLastKnownContainersStayWhenTheEngineGoes) {
  engine.add_container(id_a, "web", "running");
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  engine.close();
  ASSERT_TRUE(run_until(context, [&] { return !watching.view().warning.empty(); }));
  EXPECT_EQ(watching.states(), "web:running ");
}

TEST_F(DockerWatchTest, AHangingEngineIsGivenUpOn) {
  engine.hangs = true;
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] {
    return watching.view().warning.find("within") != std::string::npos;
  })) << watching.view().warning;
}

/// An event that got lost, which no engine should lose: the next list shows it, and only what
/// differs is looked at.
TEST_F(DockerWatchTest, AListWithoutEventsFindsWhatChanged) {
  engine.add_container(id_a, "web", "running");
  engine.add_container(id_b, "db", "running");
  auto config = Watching::quick(url());
  config.relist_every = Duration{10};
  Watching watching{context, config};
  ASSERT_TRUE(watching.comes_to("web:running db:running "));
  engine.add_container(id_b, "db", "paused");
  ASSERT_TRUE(watching.comes_to("web:running db:paused "));
  EXPECT_EQ(engine.asked["/containers/" + id_a + "/json"], 1);
  EXPECT_EQ(engine.asked["/containers/" + id_b + "/json"], 2);
}

TEST_F(DockerWatchTest, TellsOfChangesAndOfNothingElse) {
  engine.add_container(id_a, "web", "running");
  auto config = Watching::quick(url());
  config.relist_every = Duration{1};
  Watching watching{context, config};
  ASSERT_TRUE(watching.comes_to("web:running "));
  const int before = watching.changes;
  const int lists = engine.asked["/containers/json"];
  ASSERT_TRUE(run_until(context, [&] { return engine.asked["/containers/json"] > lists + 3; }));
  EXPECT_EQ(watching.changes, before);
  engine.add_container(id_a, "web", "paused");
  ASSERT_TRUE(watching.comes_to("web:paused "));
  EXPECT_GT(watching.changes, before);
}

TEST_F(DockerWatchTest, WithoutAStreamOfEventsItLooksAgainAndAgain) {
  engine.no_events = true;
  engine.add_container(id_a, "web", "running");
  Watching watching{context, url()};
  ASSERT_TRUE(watching.comes_to("web:running "));
  engine.add_container(id_a, "web", "exited");
  ASSERT_TRUE(watching.comes_to("web:exited "));
}

TEST_F(DockerWatchTest, WritableLayersAreMeasuredOnlyWhenAsked) {
  engine.add_container(id_a, "web", "running");
  Watching watching{context, url()};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  EXPECT_EQ(engine.asked_sizes, 0);
  EXPECT_EQ(watching.view().containers[0].writable_bytes, std::nullopt);
  watching.want_writable_sizes();
  ASSERT_TRUE(run_until(context, [&] {
    return watching.view().containers[0].writable_bytes == std::uint64_t{4096};
  }));
  EXPECT_EQ(engine.asked_sizes, 1);
}

TEST_F(DockerWatchTest, AskedForOftenTheyAreMeasuredNowAndThen) {
  engine.add_container(id_a, "web", "running");
  auto config = Watching::quick(url());
  config.sizes_every = Duration{3'600'000};
  Watching watching{context, config};
  ASSERT_TRUE(run_until(context, [&] { return engine.streams() == 1; }));
  const int lists = engine.asked["/containers/json"];
  for (int i = 0; i < 50; ++i) watching.want_writable_sizes();
  ASSERT_TRUE(run_until(context, [&] { return engine.asked_sizes == 1; }));
  // The watch goes on meanwhile.
  engine.send_event("container", "start", id_a);
  ASSERT_TRUE(run_until(context, [&] {
    watching.want_writable_sizes();
    return engine.asked["/containers/json"] >= lists + 2;
  }));
  EXPECT_EQ(engine.asked_sizes, 1);
}

TEST(DockerWatch, SpeaksOverAUnixSocket) {
  const TempDir folder;
  asio::io_context context;
  const std::string path = folder.path() / "docker.sock";
  FakeEngineUnix engine{context, asio::local::stream_protocol::endpoint{path}};
  engine.add_container(id_a, "web", "running");
  Watching watching{context, "unix://" + path};
  EXPECT_TRUE(watching.comes_to("web:running "));
}

TEST(DockerWatch, WithoutAnEngineItSaysWhereItLooked) {
  asio::io_context context;
  Watching watching{context, "unix:///nowhere/docker.sock"};
  ASSERT_TRUE(run_until(context, [&] {
    return watching.view().warning.find("/nowhere/docker.sock") != std::string::npos;
  }));
  EXPECT_TRUE(watching.view().containers.empty());
  EXPECT_TRUE(watching.view().is_blind);
}

TEST(DockerWatch, ASocketThatMayNotBeOpenedComesWithAdvice) {
  const TempDir folder;
  const std::string path = folder.path() / "docker.sock";
  asio::io_context context;
  FakeEngineUnix engine{context, asio::local::stream_protocol::endpoint{path}};
  ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  const bool is_root = ::geteuid() == 0;  // who may open anything
  if (is_root) {
    ASSERT_EQ(::seteuid(65'534), 0);
  }
  {
    Watching watching{context, "unix://" + path};
    EXPECT_TRUE(run_until(context, [&] {
      return watching.view().warning.find("Permission denied") != std::string::npos;
    }));
    EXPECT_THAT(watching.view().warning, HasSubstr("plimsoll-agent-docker.conf"));
    EXPECT_THAT(watching.view().warning, HasSubstr("agent.docker = \"\""));
  }
  if (is_root) {
    EXPECT_EQ(::seteuid(0), 0);
  }
}

}  // namespace
}  // namespace plimsoll
