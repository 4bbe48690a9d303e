#include <gtest/gtest.h>

#include "agent/container_sampler.h"
#include "agent/sampler.h"
#include "support/golden.h"
#include "support/recorded_tree.h"
#include "telemetry/prometheus.h"
#include "telemetry/wire_v1.h"

namespace plimsoll {
namespace {

// One tree is recorded from a real cgroup v2 host (a user-mode kernel with a Docker engine:
// v2_recorded.tree). The others are written by hand after hosts of their kind, since the machines
// we have boot with cgroup version 1; that version is tested live as well.

/// The containers of a host given as a tree, sampled twice with a second between, as they go over
/// the wire and as Prometheus sees them.
std::string sampled_twice(const test::RecordedTree& recorded) {
  const HostFs fs{recorded.now.root()};
  CgroupTree cgroups{fs};
  cgroups.probe(parse_mountinfo(fs.try_read(fs.mountinfo_path()).value_or("")));
  DockerView docker;
  for (const auto& json : recorded.inspected) {
    const auto container = parse_container(json);
    EXPECT_TRUE(container) << container.error().message;
    if (container) docker.containers.push_back(*container);
  }
  OpenFiles open_files{100};
  ContainerSampler sampler{fs, open_files};
  ReadBuffer buffer;
  const Monotonic start{std::chrono::hours{1}};
  static_cast<void>(sampler.sample(cgroups, docker, 4, start, buffer));
  for (const auto& [path, text] : recorded.later) recorded.now.write(path, text);
  auto all = sampler.sample(cgroups, docker, 4, start + std::chrono::seconds{1}, buffer);
  HostReading reading;
  reading.facts.cgroup_version = cgroups.version();
  reading.containers = std::move(all.readings);
  KernelCounters counters;
  counters.containers = std::move(all.counters);
  reading.counters = std::make_shared<const KernelCounters>(std::move(counters));
  return test::one_member_a_line(encode_v1(reading)) + encode_prometheus(reading);
}

class RecordedTrees : public ::testing::TestWithParam<const char*> {};

TEST_P(RecordedTrees, GiveTheGoldenFigures) {
  const std::string name = std::string{"agent/"} + GetParam();
  const test::RecordedTree recorded{test::golden(name + ".tree")};
  ASSERT_FALSE(recorded.inspected.empty());
  const std::string actual = sampled_twice(recorded);
  EXPECT_EQ(actual, test::golden_for(name + ".txt", actual));
}

INSTANTIATE_TEST_SUITE_P(Hosts, RecordedTrees,
                         ::testing::Values("v1_docker", "hybrid_docker", "v2_docker_systemd",
                                           "v2_docker_rootless", "v2_nested_slice", "v2_podman",
                                           "v2_recorded"),
                         [](const auto& row) { return std::string{row.param}; });

/// All that an agent tells of a host (by hand too), but for what is this machine's: the addresses
/// of its interfaces, its processor, the space on its disks.
TEST(RecordedHost, GivesTheGoldenFiguresOfAll) {
  const test::RecordedTree recorded{test::golden("agent/v2_whole_host.tree")};
  DockerView docker = parse_info(R"({"ServerVersion":"24.0.7","Driver":"overlay2"})").value();
  for (const auto& json : recorded.inspected) {
    docker.containers.push_back(parse_container(json).value());
  }
  Sampler sampler{HostFs{recorded.now.root()}, "", "0.1.0"};
  Moment now{parse_rfc3339("2026-11-22T12:00:00Z").value(), Monotonic{std::chrono::hours{1}}};
  EXPECT_FALSE(sampler.sample(docker, now));
  for (const auto& [path, text] : recorded.later) recorded.now.write(path, text);
  now.wall += std::chrono::seconds{1};
  now.monotonic += std::chrono::seconds{1};
  auto reading = sampler.sample(docker, now);
  ASSERT_TRUE(reading) << reading.error().message;
  reading->facts.architecture = "x86_64";
  reading->address = "10.0.0.2";
  for (auto& filesystem : reading->filesystems) {
    EXPECT_GT(filesystem.total, 0U);
    filesystem.total = 100;
    filesystem.used = 60;
    filesystem.available = 30;
    filesystem.files.reset();
    filesystem.files_free.reset();
  }
  const std::string actual =
      test::one_member_a_line(encode_v1(*reading)) + encode_prometheus(*reading);
  EXPECT_EQ(actual, test::golden_for("agent/v2_whole_host.txt", actual));
}

}  // namespace
}  // namespace plimsoll
