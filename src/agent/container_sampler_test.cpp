#include "agent/container_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_host.h"

namespace plimsoll {
namespace {

using test::fake_machine;
using test::FakeTree;
using test::id_a;
using ::testing::ElementsAre;

const std::string id_b(64, 'b');

DockerContainer running(const std::string& id, int pid) {
  DockerContainer container;
  container.id = id;
  container.name = "web";
  container.state = "running";
  container.pid = pid;
  container.own_network = true;
  return container;
}

/// A made-up host of version 1, with a clock that the test turns.
struct ContainerSamplerTest : ::testing::Test {
  FakeTree tree = fake_machine(test::mountinfo_v1);
  const std::string path = "/docker/" + id_a;
  HostFs fs{tree.root()};
  CgroupTree cgroups{fs};
  OpenFiles open_files{100};
  ContainerSampler sampler{fs, open_files};
  ReadBuffer buffer;
  DockerView docker;
  Monotonic now{std::chrono::hours{1}};

  ContainerSamplerTest() {
    cgroups.probe(parse_mountinfo(fs.try_read(fs.mountinfo_path()).value_or("")));
    docker.containers.push_back(running(id_a, 77));
  }
  void process(int pid, const std::string& cgroup, const std::string& net_dev) const {
    tree.write("proc/" + std::to_string(pid) + "/cgroup",
               "3:cpu,cpuacct:" + cgroup + "\n4:memory:" + cgroup + "\n5:blkio:" + cgroup + "\n");
    tree.write("proc/" + std::to_string(pid) + "/net/dev", net_dev);
  }
  ContainerSampler::Containers sample() {
    now += std::chrono::seconds{1};
    return sampler.sample(cgroups, docker, 4, now, buffer);
  }
  ContainerReading only() { return sample().readings.at(0); }
};

TEST_F(ContainerSamplerTest, RatesAndCountersOfTheInterval) {
  test::write_cgroup_v1(tree, path, 1'000'000'000, 10, 2);
  process(77, path, test::net_dev("eth0", 100, 200));
  EXPECT_EQ(only().cpu_cores, std::nullopt);
  test::write_cgroup_v1(tree, path, 2'500'000'000, 30, 7);
  process(77, path, test::net_dev("eth0", 300, 600));
  const auto all = sample();
  const auto& container = all.readings.at(0);
  EXPECT_EQ(container.cpu_cores, 1.5);
  EXPECT_EQ(container.cpu_percent, 37.5);
  EXPECT_EQ(container.throttled_percent, 25);
  EXPECT_EQ(container.memory_cache, 1500U);
  EXPECT_EQ(container.network_rx_bytes_per_s, 200);
  ASSERT_EQ(all.counters.size(), 1U);
  EXPECT_EQ(all.counters[0].id, id_a);
  EXPECT_EQ(all.counters[0].throttled_periods, 7U);
  EXPECT_EQ(all.counters[0].throttled_ns, 5U);
  EXPECT_EQ(all.counters[0].oom_kills, 1U);
  EXPECT_EQ(all.counters[0].block_written_bytes, 200U);
}

TEST_F(ContainerSamplerTest, OnlyInterfacesThatLeadOutOfItCount) {
  test::write_cgroup_v1(tree, path, 1, 0, 0);
  process(77, path,
          test::net_dev("eth0", 100, 200) +
              "veth12: 5000 9 0 0 0 0 0 0 5000 9 0 0 0 0 0 0\n"
              "docker0: 5000 9 0 0 0 0 0 0 5000 9 0 0 0 0 0 0\n");
  const auto container = only();
  EXPECT_EQ(container.network_rx_bytes, 100U);
  EXPECT_EQ(container.network_tx_bytes, 200U);
}

TEST_F(ContainerSamplerTest, WithoutANetworkItIsZeroAndWithTheHostsItIsUnknown) {
  test::write_cgroup_v1(tree, path, 1, 0, 0);
  process(77, path, "    lo:  99 9 0 0 0 0 0 0 99 9 0 0 0 0 0 0\n");
  EXPECT_EQ(only().network_rx_bytes, 0U);
  docker.containers[0].pid = 78;
  docker.containers[0].own_network = false;
  process(78, path, test::net_dev("eth0", 100, 200));
  EXPECT_EQ(only().network_rx_bytes, std::nullopt);
}

TEST_F(ContainerSamplerTest, AnotherRunHasAnotherProcessAndBeginsAnew) {
  test::write_cgroup_v1(tree, path, 9'000'000'000, 0, 0);
  process(77, path, test::net_dev("eth0", 5000, 5000));
  EXPECT_EQ(only().network_rx_bytes, 5000U);
  tree.remove("proc/77");
  docker.containers[0].pid = 78;
  process(78, path, test::net_dev("eth0", 10, 10));
  test::write_cgroup_v1(tree, path, 9'100'000'000, 0, 0);
  auto container = only();
  EXPECT_EQ(container.cpu_cores, std::nullopt);
  EXPECT_EQ(container.network_rx_bytes, 10U);
  EXPECT_EQ(container.network_rx_bytes_per_s, std::nullopt);
  process(78, path, test::net_dev("eth0", 30, 10));
  container = only();
  EXPECT_EQ(container.cpu_cores, 0);
  EXPECT_EQ(container.network_rx_bytes_per_s, 20);
}

TEST_F(ContainerSamplerTest, CountersThatWentBackInOneRunAreAGap) {
  test::write_cgroup_v1(tree, path, 9'000'000'000, 0, 0);
  process(77, path, test::net_dev("eth0", 5000, 5000));
  static_cast<void>(only());
  test::write_cgroup_v1(tree, path, 1, 0, 0);
  process(77, path, test::net_dev("eth0", 1, 6000));
  const auto container = only();
  EXPECT_EQ(container.cpu_cores, std::nullopt);
  EXPECT_EQ(container.cpu_percent, std::nullopt);
  EXPECT_EQ(container.network_rx_bytes_per_s, std::nullopt);
  EXPECT_EQ(container.network_tx_bytes_per_s, 1000);
}

TEST_F(ContainerSamplerTest, AStoppedOneHasNoFigures) {
  test::write_cgroup_v1(tree, path, 9'000, 0, 0);
  docker.containers[0].pid = 0;
  docker.containers[0].state = "exited";
  const auto all = sample();
  EXPECT_EQ(all.readings.at(0).state, "exited");
  EXPECT_EQ(all.readings.at(0).cpu_ns, std::nullopt);
  EXPECT_TRUE(all.counters.empty());
}

/// It ended, and the engine has not said so yet: nothing of it is held open or shown.
TEST_F(ContainerSamplerTest, AVanishedCgroupIsNoZero) {
  process(77, path, test::net_dev("eth0", 5000, 5000));
  const auto container = only();
  EXPECT_EQ(container.state, "running");
  EXPECT_EQ(container.cpu_ns, std::nullopt);
  EXPECT_EQ(container.memory_usage, std::nullopt);
  EXPECT_EQ(container.network_rx_bytes, std::nullopt);
}

TEST_F(ContainerSamplerTest, OneThatAppearsLateIsFoundByASearch) {
  const std::string odd = "/user.slice/user-1000.slice/x.service/docker-" + id_a + ".scope";
  EXPECT_EQ(only().cpu_ns, std::nullopt);
  test::write_cgroup_v1(tree, odd, 5, 0, 0);
  // A search is dear, so the next one waits.
  EXPECT_EQ(only().cpu_ns, std::nullopt);
  now += std::chrono::seconds{10};
  EXPECT_EQ(only().cpu_ns, 5U);
}

struct FollowTest : ::testing::Test {
  HostReading reading;
  DockerView docker;

  FollowTest() {
    docker.containers = {running(id_a, 77), running(id_b, 78)};
    for (const auto& container : docker.containers) {
      auto& out = reading.containers.emplace_back();
      describe(container, out);
      out.cpu_cores = 1.5;
    }
  }
};

TEST_F(FollowTest, NamesAndStatesChangeAndFiguresStay) {
  docker.containers[0].name = "renamed";
  docker.containers[0].state = "paused";
  follow(docker, reading);
  EXPECT_EQ(reading.containers[0].name, "renamed");
  EXPECT_EQ(reading.containers[0].state, "paused");
  EXPECT_EQ(reading.containers[0].cpu_cores, 1.5);
}

TEST_F(FollowTest, TheRemovedGoAndTheNewComeWithoutFigures) {
  docker.containers[0] = running(std::string(64, 'c'), 79);
  follow(docker, reading);
  ASSERT_EQ(reading.containers.size(), 2U);
  EXPECT_EQ(reading.containers[0].id, std::string(64, 'c'));
  EXPECT_EQ(reading.containers[0].cpu_cores, std::nullopt);
  EXPECT_EQ(reading.containers[1].cpu_cores, 1.5);
}

TEST_F(FollowTest, AnEndAndANewStartTakeTheFiguresAway) {
  docker.containers[0].pid = 0;
  docker.containers[0].state = "exited";
  docker.containers[1].started_at = TimePoint{Duration{1'790'000'000'000}};
  follow(docker, reading);
  EXPECT_EQ(reading.containers[0].cpu_cores, std::nullopt);
  EXPECT_EQ(reading.containers[1].cpu_cores, std::nullopt);
}

}  // namespace
}  // namespace plimsoll
