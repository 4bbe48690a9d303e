#include "agent/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_host.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

using test::fake_machine;
using test::FakeTree;
using test::id_a;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A sampler on a made-up host, with a clock that the test turns.
struct Bench {
  explicit Bench(const FakeTree& tree, std::string scope = "")
      : sampler(HostFs{tree.root()}, std::move(scope), "0.1.0") {}

  Result<HostReading> sample_after(std::chrono::milliseconds passed) {
    now.wall += passed;
    now.monotonic += passed;
    return sampler.sample(docker, now);
  }

  Sampler sampler;
  DockerView docker;
  Moment now{TimePoint{Duration{1'790'000'000'000}}, Monotonic{std::chrono::hours{1}}};
};

DockerContainer running(const std::string& id, int pid) {
  DockerContainer container;
  container.id = id;
  container.name = "web";
  container.state = "running";
  container.pid = pid;
  container.own_network = true;
  return container;
}

TEST(Sampler, TheFirstCallHasNothingToCompareWith) {
  const auto tree = fake_machine(test::mountinfo_v1);
  Bench bench{tree};
  const auto first = bench.sample_after(Duration{0});
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, Errc::not_found);
}

TEST(Sampler, FiguresOfTheMachine) {
  const auto tree = fake_machine(test::mountinfo_v1);
  Bench bench{tree};
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(100 + 250, 900 + 750));
  tree.write("proc/1/net/dev", test::net_dev("eth0", 1000 + 500, 2000 + 1000));
  tree.write("proc/diskstats", " 254 0 vda 102 0 2008 0 54 0 1016 0 0 1000 0\n");
  const auto reading = bench.sample_after(Duration{2000});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->interval, Duration{2000});
  EXPECT_EQ(reading->sampled_at, bench.now.wall);
  EXPECT_EQ(reading->cpu.cores, 4);
  EXPECT_EQ(reading->cpu.percent, 25);
  EXPECT_EQ(reading->cpu.modes->idle, 75);
  EXPECT_EQ(reading->cpu.load1, 1.25);
  EXPECT_EQ(reading->memory.total, 8'192'000'000U);
  EXPECT_EQ(reading->memory.available, 2'048'000'000U);
  EXPECT_EQ(reading->pressure.cpu->full, std::nullopt);
  EXPECT_EQ(reading->pressure.io->full->avg10, 0.5);
  EXPECT_THAT(reading->nics, ElementsAre(NicReading{"eth0", 250, 500, 1500, 3000, 3, 7}));
  EXPECT_EQ(reading->tx_dropped, 7U);
  EXPECT_THAT(reading->disks, ElementsAre(DiskReading{"vda", 2048, 4096, 1, 2, 25}));
  ASSERT_EQ(reading->filesystems.size(), 1U);
  EXPECT_EQ(reading->filesystems[0].mount, "/");
  EXPECT_EQ(reading->facts.hostname, "h1");
  EXPECT_EQ(reading->facts.kernel, "6.1.0-18-amd64");
  EXPECT_EQ(reading->facts.cgroup_version, 1);
  EXPECT_EQ(reading->boot_id, "b7f0c9a2-0000-4000-8000-000000000001");
  ASSERT_TRUE(reading->counters);
  EXPECT_EQ(reading->counters->cores.size(), 4U);
  EXPECT_EQ(reading->counters->pressure.io.full, 100U);
  EXPECT_EQ(reading->counters->nics.at(0).name, "eth0");
}

TEST(Sampler, CountersThatWentBackLeaveAGapNotASpike) {
  const auto tree = fake_machine(test::mountinfo_v1);
  Bench bench{tree};
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  tree.write("proc/1/net/dev", test::net_dev("eth0", 5, 5));
  tree.write("proc/diskstats", " 254 0 vda 1 0 8 0 1 0 8 0 0 1 0\n");
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->nics.empty());
  EXPECT_TRUE(reading->disks.empty());
  EXPECT_EQ(reading->counters->disks.at(0).figures[disk_figure::reads], 1U);
  EXPECT_EQ(reading->tx_dropped, 7U);
  tree.write("proc/stat", test::proc_stat(10, 10));
  EXPECT_EQ(bench.sample_after(Duration{1000}).error().code, Errc::conflict);
  tree.write("proc/stat", test::proc_stat(20, 20));
  EXPECT_TRUE(bench.sample_after(Duration{1000}));
}

TEST(Sampler, ContainersStandWithTheirFigures) {
  const auto tree = fake_machine(test::mountinfo_v2);
  test::write_cgroup_v2(tree, "/docker/" + id_a, 7000);
  tree.write("proc/77/cgroup", "0::/docker/" + id_a + "\n");
  Bench bench{tree};
  bench.docker.containers.push_back(running(std::string(64, 'b'), 0));
  bench.docker.containers.push_back(running(id_a, 77));
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  ASSERT_EQ(reading->containers.size(), 2U);
  EXPECT_EQ(reading->containers[1].cpu_percent, 0);
  EXPECT_TRUE(reading->containers[1].pressure.memory);
  ASSERT_EQ(reading->counters->containers.size(), 1U);
  EXPECT_EQ(reading->counters->containers[0].id, id_a);
}

TEST(Sampler, ASliceIsTheHost) {
  const auto tree = fake_machine(test::mountinfo_v1);
  test::write_cgroup_v1(tree, "/lab/h1", 1'000'000'000, 0, 0);
  Bench bench{tree, "/lab/h1"};
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  test::write_cgroup_v1(tree, "/lab/h1", 2'000'000'000, 0, 0);
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->cpu.cores, 2);
  EXPECT_EQ(reading->cpu.percent, 50);
  EXPECT_EQ(reading->cpu.modes, std::nullopt);
  EXPECT_EQ(reading->cpu.load1, std::nullopt);
  EXPECT_EQ(reading->memory.total, 10'000U);
  EXPECT_EQ(reading->memory.available, 7'000U);
  EXPECT_TRUE(reading->disks.empty());
  EXPECT_EQ(reading->pressure, PressureSet{});
}

/// Nothing is known of its use before its first reading, and zero would be a lie.
TEST(Sampler, ASliceThatAppearsLateHasNoFigureYet) {
  const auto tree = fake_machine(test::mountinfo_v1);
  Bench bench{tree, "/lab/h1"};
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  EXPECT_FALSE(bench.sample_after(Duration{1000}));
  test::write_cgroup_v1(tree, "/lab/h1", 1'000'000'000, 0, 0);
  EXPECT_EQ(bench.sample_after(Duration{1000}).error().code, Errc::not_found);
  test::write_cgroup_v1(tree, "/lab/h1", 2'000'000'000, 0, 0);
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->cpu.percent, 50);
}

TEST(Sampler, ASliceThatCouldNotBeReadIsNoSpikeAfterwards) {
  const auto tree = fake_machine(test::mountinfo_v1);
  test::write_cgroup_v1(tree, "/lab/h1", 1'000'000'000, 0, 0);
  Bench bench{tree, "/lab/h1"};
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  const std::string meminfo = "proc/meminfo";
  const auto text = HostFs{tree.root()}.read("/" + meminfo).value();
  tree.write(meminfo, "");
  test::write_cgroup_v1(tree, "/lab/h1", 2'000'000'000, 0, 0);
  EXPECT_FALSE(bench.sample_after(Duration{1000}));
  tree.write(meminfo, text);
  test::write_cgroup_v1(tree, "/lab/h1", 3'000'000'000, 0, 0);
  EXPECT_EQ(bench.sample_after(Duration{1000}).error().code, Errc::not_found);
  test::write_cgroup_v1(tree, "/lab/h1", 4'000'000'000, 0, 0);
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->cpu.percent, 50);
}

TEST(Sampler, AMachineWhoseStatComesLateHasNoFigureYet) {
  const auto tree = fake_machine(test::mountinfo_v1);
  tree.remove("proc/stat");
  Bench bench{tree};
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(100, 900));
  EXPECT_EQ(bench.sample_after(Duration{1000}).error().code, Errc::not_found);
  tree.write("proc/stat", test::proc_stat(200, 1800));
  EXPECT_TRUE(bench.sample_after(Duration{1000}));
}

TEST(Sampler, WithoutAnEngineContainersAreKnownByTheirCgroups) {
  const auto tree = fake_machine(test::mountinfo_v2);
  test::write_cgroup_v2(tree, "/system.slice/docker-" + id_a + ".scope", 7000);
  Bench bench{tree};
  bench.docker.is_blind = true;
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  test::write_cgroup_v2(tree, "/system.slice/docker-" + id_a + ".scope", 507'000);
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  ASSERT_EQ(reading->containers.size(), 1U);
  const auto& container = reading->containers[0];
  EXPECT_EQ(container.id, id_a);
  EXPECT_EQ(container.name, std::string(12, 'a'));
  EXPECT_EQ(container.state, "running");
  EXPECT_EQ(container.cpu_cores, 0.5);
  EXPECT_EQ(container.memory_usage, 4000U);
  EXPECT_THAT(reading->warnings, testing::IsEmpty());
  EXPECT_TRUE(decode_v1(encode_v1(*reading)));
}

TEST(Sampler, WithoutAnEngineASliceHasTheContainersInside) {
  const auto tree = fake_machine(test::mountinfo_v2);
  test::write_cgroup_v2(tree, "/lab/h1", 7000);
  test::write_cgroup_v2(tree, "/lab/h1/docker/" + id_a, 7000);
  test::write_cgroup_v2(tree, "/lab/h11/docker/" + std::string(64, 'b'), 7000);
  Bench bench{tree, "/lab/h1"};
  bench.docker.is_blind = true;
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading) << reading.error().message;
  ASSERT_EQ(reading->containers.size(), 1U);
  EXPECT_EQ(reading->containers[0].id, id_a);
}

TEST(Sampler, ContainersWhoseCgroupIsNotSeenAreCounted) {
  const auto tree = fake_machine(test::mountinfo_v2);
  Bench bench{tree};
  bench.docker.containers.push_back(running(id_a, 77));
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_THAT(reading->warnings, ElementsAre("1 container: cgroup not visible"));
  // Looked for again after a while, not each time.
  test::write_cgroup_v2(tree, "/docker/" + id_a, 7000);
  tree.write("proc/stat", test::proc_stat(300, 2700));
  EXPECT_EQ(bench.sample_after(Duration{1000})->warnings.size(), 1U);
  tree.write("proc/stat", test::proc_stat(400, 3600));
  reading = bench.sample_after(Duration{8'000});
  EXPECT_TRUE(reading->warnings.empty());
  EXPECT_EQ(reading->containers[0].memory_usage, 4000U);
}

TEST(Sampler, AMissingSliceIsSaid) {
  const auto tree = fake_machine(test::mountinfo_v1);
  Bench bench{tree, "/lab/h9"};
  const auto reading = bench.sample_after(Duration{0});
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr("/lab/h9"));
}

TEST(Sampler, WithoutProcItSaysWhichFileIsMissing) {
  const FakeTree tree{};
  Bench bench{tree};
  EXPECT_THAT(bench.sample_after(Duration{0}).error().message, HasSubstr("/proc/stat"));
}

TEST(Sampler, DockersTroubleIsAWarning) {
  const auto tree = fake_machine(test::mountinfo_v1);
  Bench bench{tree};
  bench.docker.warning = "docker: permission denied\n";
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_THAT(reading->warnings, ElementsAre("docker: permission denied?"));
}

TEST(Sampler, ThisMachineReallyIsRead) {
  Sampler sampler{HostFs{}, "", "0.1.0"};
  const DockerView docker;
  Moment now{TimePoint{Duration{1}}, Monotonic{std::chrono::hours{1}}};
  EXPECT_FALSE(sampler.sample(docker, now));
  Result<HostReading> reading = Error{};
  // Ticks are of 10 ms: the counters may stand still for a moment.
  for (int i = 0; i < 100'000 && !reading; ++i) {
    now.monotonic += std::chrono::seconds{1};
    reading = sampler.sample(docker, now);
  }
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_GT(reading->memory.total, 0U);
  EXPECT_GE(reading->cpu.cores, 1);
  EXPECT_FALSE(reading->filesystems.empty());
  EXPECT_TRUE(decode_v1(encode_v1(*reading)));
}

}  // namespace
}  // namespace plimsoll
