#include "hand/lease.h"

#include <gmock/gmock.h>

#include <thread>

#include "hand/boot_clock.h"
#include "hand/cgroup_kill.h"
#include "hand/lease_record.h"
#include "support/fake_engine.h"
#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using ::testing::ElementsAre;

const std::string full_id(64, 'c');

/// The engine runs on this thread, the keeper on one of its own, as it would in a process.
struct LeaseTest : testing::Test {
  LeaseTest() : engine(io, {(folder.path() / "engine").string()}) {
    context.order = {MoveId{"abcdefabcdef"}, 3, "aaaaaaaaaaaaaaaa", false};
    context.state = folder.path() / "state";
    context.run = folder.path() / "run";
    context.docker.unix_path = (folder.path() / "engine").string();
    engine.add_container(full_id, "web", "running");
    engine.answers["/v1.41/containers/web/json"] =
        engine.answers["/containers/" + full_id + "/json"];
    engine.answers["/v1.41/containers/" + full_id + "/json"] =
        engine.answers["/containers/" + full_id + "/json"];
    engine.answers["/v1.41/containers/" + full_id + "/stop"] = "";
  }
  ~LeaseTest() override {
    EXPECT_TRUE(remove_lease(context));
    for (auto& keeper : keepers) keeper.join();
  }
  LeaseTest(const LeaseTest&) = delete;
  LeaseTest& operator=(const LeaseTest&) = delete;

  Result<LeaseStatus> arm(Duration ttl) {
    const auto start = [this](const DetachedJob& job, const std::vector<std::string>& words) {
      keepers.emplace_back(
          [this, generation = words.back()] { EXPECT_TRUE(keep_lease(context, generation)); });
      while (!is_alive(job)) std::this_thread::yield();
      return Result<void>{};
    };
    return run_task(io, arm_lease(&context, LeaseTerms{{"web"}, ttl, Duration{0}}, start));
  }
  LeaseStatus status() { return lease_status(context).value(); }
  bool until(const std::function<bool()>& done) { return test::run_until(io, done); }
  int stops() { return engine.asked["/v1.41/containers/" + full_id + "/stop"]; }

  TempDir folder;
  asio::io_context io;
  test::FakeEngineUnix engine;
  HandContext context;
  std::vector<std::thread> keepers;
};

TEST_F(LeaseTest, IsReadBackWhenArmedAndGoneWhenDisarmed) {
  const auto armed = arm(Duration{600'000});
  ASSERT_TRUE(armed) << armed.error().message;
  EXPECT_EQ(armed->phase, LeaseStatus::Phase::armed);
  EXPECT_TRUE(armed->kept);
  EXPECT_THAT(armed->containers, ElementsAre(full_id))
      << "by its full id, to be found without Docker";
  EXPECT_TRUE(renew_lease(context));
  EXPECT_EQ(disarm_lease(context)->phase, LeaseStatus::Phase::none);
  EXPECT_EQ(renew_lease(context).error().code, Errc::not_found);
  EXPECT_TRUE(disarm_lease(context));
  EXPECT_EQ(stops(), 0);
}

TEST_F(LeaseTest, StopsTheContainerWhenNobodyRenewsIt) {
  ASSERT_TRUE(arm(Duration{1'000}));
  ASSERT_TRUE(until([&] { return stops() > 0; }));
  ASSERT_TRUE(until([&] { return status().end == "stopped"; }));
  EXPECT_EQ(status().phase, LeaseStatus::Phase::expired);
  const auto late = renew_lease(context);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::refused);
  EXPECT_EQ(disarm_lease(context).error().code, Errc::refused);
}

TEST_F(LeaseTest, ASecondArmingTakesTheFirstOnesPlace) {
  ASSERT_TRUE(arm(Duration{2'000}));
  const auto first = LeaseFile::open(context)->read().value()->generation;
  ASSERT_TRUE(arm(Duration{600'000}));
  ASSERT_TRUE(
      until([&] { return !std::filesystem::exists(lease_keeper_job(context, first).lock); }));
  EXPECT_EQ(status().phase, LeaseStatus::Phase::armed);
  EXPECT_EQ(stops(), 0);
}

TEST_F(LeaseTest, IsKeptUntilRemovedForAStartThatComesLate) {
  engine.add_container(full_id, "web", "created");
  engine.answers["/v1.41/containers/" + full_id + "/json"] =
      engine.answers["/containers/" + full_id + "/json"];
  ASSERT_TRUE(arm(Duration{1'000}));
  ASSERT_TRUE(until([&] { return status().end == "not running"; }));
  engine.add_container(full_id, "web", "running");
  engine.answers["/v1.41/containers/" + full_id + "/json"] =
      engine.answers["/containers/" + full_id + "/json"];
  ASSERT_TRUE(until([&] { return stops() > 0 && status().end == "stopped"; }));
}

TEST_F(LeaseTest, UnknownContainersAndOddTimesAreRefused) {
  EXPECT_EQ(arm(Duration{10}).error().code, Errc::invalid);
  engine.answers.erase("/v1.41/containers/web/json");
  EXPECT_EQ(arm(Duration{5'000}).error().code, Errc::not_found);
  EXPECT_EQ(status().phase, LeaseStatus::Phase::none);
}

TEST(LeaseRecord, ComesBackAsItWasWritten) {
  const LeaseRecord record{"0011aabb",        {full_id, "d"}, Duration{15'000}, Duration{10'000},
                           Duration{123'456}, true,           "killed"};
  EXPECT_EQ(parse_lease_record(lease_record_text(record)).value(), record);
  EXPECT_FALSE(parse_lease_record("{}"));
  EXPECT_FALSE(parse_lease_record("not JSON"));
}

TEST(CgroupKill, KnowsAContainersCgroupWhateverItsParent) {
  const auto id = full_id;
  EXPECT_TRUE(cgroup_is_of("0::/system.slice/docker-" + id + ".scope\n", id));
  EXPECT_TRUE(cgroup_is_of("12:cpu:/docker/" + id + "\n0::/\n", id));
  EXPECT_TRUE(cgroup_is_of("4:memory:/lab/h1/" + id + "\n", id));
  EXPECT_FALSE(cgroup_is_of("0::/docker/" + std::string(64, 'd') + "\n", id));
  EXPECT_FALSE(cgroup_is_of("0::/docker/" + id.substr(0, 12) + "\n", id.substr(0, 12)));
}

TEST(CgroupKill, FindsTheProcessesInAnyProc) {
  const TempDir proc;
  proc.write("17/cgroup", "0::/docker/" + full_id + "\n");
  proc.write("18/cgroup", "0::/user.slice\n");
  proc.write("self/cgroup", "0::/docker/" + full_id + "\n");
  EXPECT_THAT(processes_of_container(full_id, proc.path()), ElementsAre(17));
}

TEST(BootClock, GoesOn) {
  const auto before = boot_clock_now();
  sleep_until_boot_time(before + Duration{2});
  EXPECT_GE(boot_clock_now(), before + Duration{2});
}

}  // namespace
}  // namespace plimsoll
