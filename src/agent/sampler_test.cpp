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
  tree.write("proc/net/dev", test::net_dev("eth0", 1000 + 500, 2000 + 1000));
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
}

TEST(Sampler, CountersThatWentBackLeaveAGapNotASpike) {
  const auto tree = fake_machine(test::mountinfo_v1);
  Bench bench{tree};
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  tree.write("proc/net/dev", test::net_dev("eth0", 5, 5));
  tree.write("proc/diskstats", " 254 0 vda 1 0 8 0 1 0 8 0 0 1 0\n");
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->nics.empty());
  EXPECT_TRUE(reading->disks.empty());
  EXPECT_EQ(reading->tx_dropped, std::nullopt);
  tree.write("proc/stat", test::proc_stat(10, 10));
  EXPECT_EQ(bench.sample_after(Duration{1000}).error().code, Errc::conflict);
  tree.write("proc/stat", test::proc_stat(20, 20));
  EXPECT_TRUE(bench.sample_after(Duration{1000}));
}

TEST(Sampler, AContainersFiguresInVersionOne) {
  const auto tree = fake_machine(test::mountinfo_v1);
  const std::string path = "/docker/" + id_a;
  test::write_cgroup_v1(tree, path, 1'000'000'000, 10, 2);
  tree.write("proc/77/cgroup",
             "3:cpu,cpuacct:" + path + "\n4:memory:" + path + "\n5:blkio:" + path + "\n");
  tree.write("proc/77/net/dev", test::net_dev("eth0", 100, 200));
  Bench bench{tree};
  bench.docker.containers.push_back(running(id_a, 77));
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  test::write_cgroup_v1(tree, path, 4'000'000'000, 30, 7);
  tree.write("proc/77/net/dev", test::net_dev("eth0", 300, 600));
  const auto reading = bench.sample_after(Duration{2000});
  ASSERT_TRUE(reading) << reading.error().message;
  ASSERT_EQ(reading->containers.size(), 1U);
  const auto& container = reading->containers[0];
  EXPECT_EQ(container.name, "web");
  EXPECT_EQ(container.cpu_ns, 4'000'000'000U);
  EXPECT_EQ(container.cpu_cores, 1.5);
  EXPECT_EQ(container.cpu_percent, 37.5);
  EXPECT_EQ(container.throttled_percent, 25);
  EXPECT_EQ(container.memory_working_set, 3000U);
  EXPECT_EQ(container.network_rx_bytes, 300U);
  EXPECT_EQ(container.network_rx_bytes_per_s, 100);
  EXPECT_EQ(container.network_tx_bytes_per_s, 200);
  EXPECT_EQ(container.block_write_bytes_per_s, 0);
}

TEST(Sampler, ARestartedContainerHasNoRatesOnce) {
  const auto tree = fake_machine(test::mountinfo_v1);
  test::write_cgroup_v1(tree, "/docker/" + id_a, 9'000, 0, 0);
  Bench bench{tree};
  bench.docker.containers.push_back(running(id_a, 77));
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  bench.docker.containers[0].pid = 78;
  tree.write("proc/stat", test::proc_stat(200, 1800));
  auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->containers[0].cpu_ns, 9'000U);
  EXPECT_EQ(reading->containers[0].cpu_cores, std::nullopt);
  tree.write("proc/stat", test::proc_stat(300, 2800));
  reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->containers[0].cpu_cores, 0);
}

TEST(Sampler, AnotherContainersProcessNumberIsNotTrusted) {
  const auto tree = fake_machine(test::mountinfo_v1);
  test::write_cgroup_v1(tree, "/docker/" + id_a, 9'000, 0, 0);
  test::write_cgroup_v1(tree, "/docker/other", 1, 0, 0);
  tree.write("proc/77/cgroup", "3:cpu,cpuacct:/docker/other\n4:memory:/docker/other\n");
  tree.write("proc/77/net/dev", test::net_dev("eth0", 300, 600));
  Bench bench{tree};
  bench.docker.containers.push_back(running(id_a, 77));
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->containers[0].cpu_ns, 9'000U);
  EXPECT_EQ(reading->containers[0].network_rx_bytes, std::nullopt);
}

TEST(Sampler, NoNetworkForTheHostsOwnAndNoFiguresForTheStopped) {
  const auto tree = fake_machine(test::mountinfo_v2);
  test::write_cgroup_v2(tree, "/docker/" + id_a, 7000);
  tree.write("proc/77/cgroup", "0::/docker/" + id_a + "\n");
  tree.write("proc/77/net/dev", test::net_dev("eth0", 300, 600));
  Bench bench{tree};
  bench.docker.containers.push_back(running(id_a, 77));
  bench.docker.containers[0].own_network = false;
  bench.docker.containers.push_back(running(std::string(64, 'b'), 0));
  bench.docker.containers[1].state = "exited";
  EXPECT_FALSE(bench.sample_after(Duration{0}));
  tree.write("proc/stat", test::proc_stat(200, 1800));
  const auto reading = bench.sample_after(Duration{1000});
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->containers[0].network_rx_bytes, std::nullopt);
  EXPECT_TRUE(reading->containers[0].pressure.memory);
  EXPECT_EQ(reading->containers[1].state, "exited");
  EXPECT_EQ(reading->containers[1].cpu_ns, std::nullopt);
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
