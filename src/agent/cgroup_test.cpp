#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/cgroup_names.h"
#include "agent/cgroup_reader.h"
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

CgroupUse use_of(const FakeTree& tree, const CgroupTree& cgroups, const CgroupPaths& paths) {
  OpenFiles open_files{100};
  ReadBuffer buffer;
  CgroupReader reader{HostFs{tree.root()}, paths, cgroups.layout(), open_files};
  return reader.read(buffer);
}

TEST(CgroupNames, EnginesNameTheirsInSeveralWays) {
  for (const std::string& name :
       {id_a, "docker-" + id_a + ".scope", "libpod-" + id_a + ".scope", "libpod-" + id_a,
        "cri-containerd-" + id_a + ".scope", "libpod-payload-" + id_a}) {
    EXPECT_EQ(container_of_directory(name), id_a) << name;
  }
  for (const std::string& name :
       {std::string{}, std::string{"docker"}, "libpod-conmon-" + id_a + ".scope", "x" + id_a,
        id_a.substr(1), "docker-" + id_a + ".mount", std::string(64, 'g')}) {
    EXPECT_EQ(container_of_directory(name), std::nullopt) << name;
  }
}

TEST(CgroupNames, WhatIsInsideOfAContainerIsItsOwn) {
  const std::string scope = "/machine.slice/libpod-" + id_a + ".scope";
  EXPECT_EQ(container_part(scope + "/container", id_a), scope);
  EXPECT_EQ(container_part("/docker/" + id_a + "/docker/" + std::string(64, 'b'), id_a),
            "/docker/" + id_a);
  EXPECT_EQ(container_part("/docker/" + id_a, std::string(64, 'b')), "");
  EXPECT_EQ(container_part("", id_a), "");
}

TEST(CgroupNames, ASliceStandsInThoseItsNameHas) {
  EXPECT_EQ(slice_path("lab-h1-web.slice"), "/lab.slice/lab-h1.slice/lab-h1-web.slice");
  EXPECT_EQ(slice_path("system.slice"), "/system.slice");
  EXPECT_EQ(slice_path("-.slice"), "");
  EXPECT_EQ(slice_path("/plimsoll/h1"), "/plimsoll/h1");
  EXPECT_EQ(slice_path("lab"), "/lab");
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
  const auto use = use_of(tree, cgroups, paths);
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
  const auto use = use_of(tree, cgroups, paths);
  EXPECT_EQ(use.cpu_ns, 7'000'000U);
  EXPECT_EQ(use.periods, 10U);
  // More inactive pages than usage: the two files are read one after the other.
  EXPECT_EQ(use.memory_working_set, 0U);
  EXPECT_EQ(use.block, (BlockBytes{101, 202}));
  ASSERT_TRUE(use.pressure.memory);
  EXPECT_EQ(use.pressure.memory->full->avg10, 0.5);
  EXPECT_EQ(use.pressure_totals.memory, (StallTotals{7'753'578, 100}));
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
  const auto use = use_of(tree, cgroups, cgroups.of_container(id_a, ""));
  EXPECT_EQ(use.cpu_ns, 9U);
  EXPECT_EQ(use.periods, 3U);
  EXPECT_EQ(use.memory_usage, 8U);
  EXPECT_EQ(use.block, (BlockBytes{1, 2}));
  EXPECT_TRUE(use.pressure.cpu);
  EXPECT_FALSE(use.pressure.io);
}

TEST(CgroupTree, TheProcessTellsItsCgroup) {
  const auto tree = fake_machine(test::mountinfo_v1);
  const std::string place = "/odd/place/" + id_a;
  test::write_cgroup_v1(tree, place, 5000, 0, 0);
  const std::string text = "3:cpu,cpuacct:" + place + "\n4:memory:" + place + "/x\n5:blkio:/\n";
  const auto paths = probed(tree).of_process(text, id_a);
  EXPECT_EQ(paths.cpuacct, "/sys/fs/cgroup/cpu,cpuacct" + place);
  EXPECT_EQ(paths.memory, "/sys/fs/cgroup/memory" + place);
  EXPECT_EQ(paths.blkio, "");
  EXPECT_TRUE(probed(tree).of_process(text, std::string(64, 'b')).empty());
  EXPECT_TRUE(probed(tree).of_process("", id_a).empty());
}

TEST(CgroupTree, ASearchFindsContainersWhereverTheyAre) {
  const auto tree = fake_machine(test::mountinfo_v2);
  const std::string id_b(64, 'b');
  const std::string rootless =
      "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-" + id_a + ".scope";
  const std::string pod = "/machine.slice/machine-libpod_pod_1.slice/libpod-" + id_b + ".scope";
  test::write_cgroup_v2(tree, rootless, 1);
  test::write_cgroup_v2(tree, pod, 1);
  test::write_cgroup_v2(tree, pod + "/container/docker/" + std::string(64, 'c'), 1);
  test::write_cgroup_v2(tree, "/machine.slice/libpod-conmon-" + std::string(64, 'd') + ".scope", 1);
  const auto found = probed(tree).search();
  EXPECT_EQ(found,
            (std::map<std::string, std::string, std::less<>>{{id_a, rootless}, {id_b, pod}}));
}

/// Cgroups vanish while one looks; those that cannot be read stand for them.
TEST(CgroupTree, ADirectoryThatCannotBeReadDoesNotEndTheSearch) {
  const auto tree = fake_machine(test::mountinfo_v2);
  std::vector<std::string> locked;
  for (int i = 0; i < 8; ++i) {
    const std::string slice = "/s" + std::to_string(i) + ".slice";
    const std::string id(64, static_cast<char>('0' + i));
    std::string scope = slice;
    scope.append("/docker-").append(id).append(".scope");
    test::write_cgroup_v2(tree, scope, 1);
    test::write_cgroup_v2(tree, slice + "/locked", 1);
    locked.push_back(tree.root() / "sys/fs/cgroup" / slice.substr(1) / "locked");
  }
  for (const auto& path : locked) ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  ASSERT_EQ(::chmod(tree.root().c_str(), 0755), 0);
  const auto me = ::geteuid();
  const auto cgroups = probed(tree);
  // Root may read it all.
  ASSERT_EQ(::seteuid(me == 0 ? 65'534 : me), 0);
  const auto found = cgroups.search();
  ASSERT_EQ(::seteuid(me), 0);
  EXPECT_EQ(found.size(), 8U);
  for (const auto& path : locked) EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
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

TEST(CgroupTree, AParentMayBeANestedSlice) {
  const auto tree = fake_machine(test::mountinfo_v2);
  const std::string path = "/lab.slice/lab-h1.slice/docker-" + id_a + ".scope";
  test::write_cgroup_v2(tree, path, 1);
  EXPECT_EQ(probed(tree).of_container(id_a, "/lab-h1.slice").memory, "/sys/fs/cgroup" + path);
}

TEST(CgroupTree, WithoutAnyTreeNothingIsKnown) {
  const auto tree = fake_machine("27 1 254:0 / / rw - ext4 /dev/vda rw\n");
  const auto cgroups = probed(tree);
  EXPECT_EQ(cgroups.version(), std::nullopt);
  const auto use = use_of(tree, cgroups, cgroups.named("/"));
  EXPECT_EQ(use.cpu_ns, std::nullopt);
  EXPECT_EQ(use.memory_usage, std::nullopt);
}

}  // namespace
}  // namespace plimsoll
