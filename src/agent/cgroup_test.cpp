#include <gtest/gtest.h>

#include "agent/cgroup_tree.h"
#include "support/fake_host.h"

namespace plimsoll {
namespace {

using test::fake_machine;
using test::FakeTree;
using test::id_a;

CgroupTree probed(const FakeTree& tree) {
  const HostFs fs{tree.root()};
  CgroupTree cgroups{fs};
  cgroups.probe(parse_mountinfo(fs.try_read(fs.mountinfo_path()).value_or("")));
  return cgroups;
}

TEST(CgroupFiles, BlockBytes) {
  EXPECT_EQ(
      parse_blkio_bytes("8:0 Read 100\n8:0 Write 200\n8:0 Total 300\n8:16 Read 1\nTotal 301\n"),
      (BlockBytes{101, 200}));
  EXPECT_EQ(parse_io_stat("8:0 rbytes=100 wbytes=200 rios=1\n8:16 rbytes=1 wbytes=2 dbytes=9\n"),
            (BlockBytes{101, 202}));
  EXPECT_EQ(parse_io_stat(""), BlockBytes{});
  EXPECT_EQ(parse_blkio_bytes("junk\n\n8:0 Read x\n"), BlockBytes{});
}

TEST(CgroupFiles, Limits) {
  EXPECT_EQ(parse_cpu_max("150000 100000\n"), 1.5);
  EXPECT_EQ(parse_cpu_max("max 100000\n"), std::nullopt);
  EXPECT_EQ(parse_cpu_max(""), std::nullopt);
  EXPECT_EQ(quota_cores("-1\n", "100000\n"), std::nullopt);
  EXPECT_EQ(quota_cores("50000\n", "0\n"), std::nullopt);
  EXPECT_EQ(parse_memory_limit("10000\n"), 10'000U);
  EXPECT_EQ(parse_memory_limit("max\n"), std::nullopt);
  EXPECT_EQ(parse_memory_limit("9223372036854771712\n"), std::nullopt);
}

TEST(CgroupFiles, ProcCgroup) {
  const auto paths = parse_proc_cgroup(
      "12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/x\n0::/system.slice/x\n"
      "9:pids:/../outside\nbroken\n");
  EXPECT_EQ(paths.size(), 4U);
  EXPECT_EQ(paths.at("cpuacct"), "/docker/abc");
  EXPECT_EQ(paths.at(""), "/system.slice/x");
  EXPECT_FALSE(paths.contains("pids"));
}

TEST(CgroupTree, VersionOne) {
  const auto tree = fake_machine(test::mountinfo_v1);
  test::write_cgroup_v1(tree, "/docker/" + id_a, 5000, 10, 2);
  const auto cgroups = probed(tree);
  EXPECT_EQ(cgroups.version(), 1);
  const auto paths = cgroups.of_container(id_a, "");
  EXPECT_EQ(paths.memory, "/sys/fs/cgroup/memory/docker/" + id_a);
  const auto use = cgroups.use(paths);
  EXPECT_EQ(use.cpu_ns, 5000U);
  EXPECT_EQ(use.throttled_periods, 2U);
  EXPECT_EQ(use.memory_usage, 4000U);
  EXPECT_EQ(use.memory_working_set, 3000U);
  EXPECT_EQ(use.memory_cache, 1500U);
  EXPECT_EQ(use.block, (BlockBytes{101, 200}));
  EXPECT_EQ(use.pressure, PressureSet{});
  EXPECT_EQ(cgroups.limits(paths).cores, 2.0);
  EXPECT_EQ(cgroups.limits(paths).memory, 10'000U);
}

TEST(CgroupTree, VersionTwo) {
  const auto tree = fake_machine(test::mountinfo_v2);
  test::write_cgroup_v2(tree, "/system.slice/docker-" + id_a + ".scope", 7000);
  const auto cgroups = probed(tree);
  EXPECT_EQ(cgroups.version(), 2);
  const auto paths = cgroups.of_container(id_a, "");
  const auto use = cgroups.use(paths);
  EXPECT_EQ(use.cpu_ns, 7'000'000U);
  EXPECT_EQ(use.periods, 10U);
  // More inactive pages than usage: the two files are read one after the other.
  EXPECT_EQ(use.memory_working_set, 0U);
  EXPECT_EQ(use.block, (BlockBytes{101, 202}));
  ASSERT_TRUE(use.pressure.memory);
  EXPECT_EQ(use.pressure.memory->full->avg10, 0.5);
  EXPECT_EQ(cgroups.limits(paths).cores, 1.5);
  EXPECT_EQ(cgroups.limits(paths).memory, std::nullopt);
}

TEST(CgroupTree, HybridTakesEachControllerWhereItIs) {
  const auto tree = fake_machine(test::mountinfo_hybrid);
  tree.write_all({{"sys/fs/cgroup/cpuacct/docker/" + id_a + "/cpuacct.usage", "9\n"},
                  {"sys/fs/cgroup/cpu/docker/" + id_a + "/cpu.stat", "nr_periods 3\n"},
                  {"sys/fs/cgroup/memory/docker/" + id_a + "/memory.usage_in_bytes", "8\n"},
                  {"sys/fs/cgroup/unified/cgroup.controllers", "io\n"},
                  {"sys/fs/cgroup/unified/docker/" + id_a + "/io.stat", "8:0 rbytes=1 wbytes=2\n"},
                  {"sys/fs/cgroup/unified/docker/" + id_a + "/cpu.pressure", test::pressure_text}});
  const auto cgroups = probed(tree);
  EXPECT_EQ(cgroups.version(), 1);
  const auto use = cgroups.use(cgroups.of_container(id_a, ""));
  EXPECT_EQ(use.cpu_ns, 9U);
  EXPECT_EQ(use.periods, 3U);
  EXPECT_EQ(use.memory_usage, 8U);
  EXPECT_EQ(use.block, (BlockBytes{1, 2}));
  EXPECT_TRUE(use.pressure.cpu);
  EXPECT_FALSE(use.pressure.io);
}

TEST(CgroupTree, TheProcessTellsItsCgroup) {
  const auto tree = fake_machine(test::mountinfo_v1);
  test::write_cgroup_v1(tree, "/odd/place", 5000, 0, 0);
  tree.write("proc/77/cgroup", "3:cpu,cpuacct:/odd/place\n4:memory:/odd/place\n5:blkio:/\n");
  const auto paths = probed(tree).of_process(77);
  EXPECT_EQ(paths.cpuacct, "/sys/fs/cgroup/cpu,cpuacct/odd/place");
  EXPECT_EQ(paths.blkio, "");
  EXPECT_TRUE(probed(tree).of_process(78).empty());
}

TEST(CgroupTree, AMountOfAPartShowsPathsBelowIt) {
  const auto tree =
      fake_machine("32 31 0:29 /lxc/c1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  tree.write("sys/fs/cgroup/memory/docker/x/memory.usage_in_bytes", "8\n");
  EXPECT_EQ(probed(tree).named("/lxc/c1/docker/x").memory, "/sys/fs/cgroup/memory/docker/x");
}

TEST(CgroupTree, TheEnginesParentIsLookedInFirst) {
  const auto tree = fake_machine(test::mountinfo_v1);
  test::write_cgroup_v1(tree, "/lab/h1/" + id_a, 5000, 0, 0);
  EXPECT_EQ(probed(tree).of_container(id_a, "/lab/h1").memory,
            "/sys/fs/cgroup/memory/lab/h1/" + id_a);
  EXPECT_TRUE(probed(tree).of_container(id_a, "").empty());
}

TEST(CgroupTree, WithoutAnyTreeNothingIsKnown) {
  const auto tree = fake_machine("27 1 254:0 / / rw - ext4 /dev/vda rw\n");
  const auto cgroups = probed(tree);
  EXPECT_EQ(cgroups.version(), std::nullopt);
  const auto use = cgroups.use(cgroups.named("/"));
  EXPECT_EQ(use.cpu_ns, std::nullopt);
  EXPECT_EQ(use.memory_usage, std::nullopt);
}

}  // namespace
}  // namespace plimsoll
