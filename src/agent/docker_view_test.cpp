#include "agent/docker_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_host.h"

namespace plimsoll {
namespace {

using test::id_a;
using ::testing::ElementsAre;
using ::testing::Key;

std::string inspected(const std::string& host_config, const std::string& state = R"("Pid":77)") {
  return R"({"Id":")" + id_a + R"(","Name":"/web","Image":"sha256:f","RestartCount":2,"Config":{)" +
         R"("Image":"shop/web:1","Env":["PASSWORD=x"],"Labels":{"plimsoll.move":"never",)" +
         R"("com.docker.compose.project":"shop","secret":"x"}},"State":{"Status":"running",)" +
         state + R"(},"HostConfig":{)" + host_config + "}}";
}

TEST(DockerView, ReadsAContainer) {
  const auto container = parse_container(inspected(
      R"("NetworkMode":"default","Memory":1048576,"NanoCpus":1500000000,"CgroupParent":"/lab")",
      R"("Pid":77,"Health":{"Status":"healthy"})"));
  ASSERT_TRUE(container) << container.error().message;
  EXPECT_EQ(container->name, "web");
  EXPECT_EQ(container->image, "shop/web:1");
  EXPECT_EQ(container->pid, 77);
  EXPECT_EQ(container->health, "healthy");
  EXPECT_EQ(container->restarts, 2U);
  EXPECT_EQ(container->cpu_limit_cores, 1.5);
  EXPECT_EQ(container->memory_limit, 1'048'576U);
  EXPECT_EQ(container->cgroup_parent, "/lab");
  EXPECT_TRUE(container->own_network);
  EXPECT_THAT(container->labels,
              ElementsAre(Key("com.docker.compose.project"), Key("plimsoll.move")));
}

TEST(DockerView, LimitsByQuotaAndNone) {
  EXPECT_EQ(parse_container(inspected(R"("CpuQuota":50000)"))->cpu_limit_cores, 0.5);
  EXPECT_EQ(parse_container(inspected(R"("CpuQuota":50000,"CpuPeriod":200000)"))->cpu_limit_cores,
            0.25);
  EXPECT_EQ(parse_container(inspected(R"("CpuQuota":-1,"Memory":0)"))->cpu_limit_cores,
            std::nullopt);
  EXPECT_EQ(parse_container(inspected(R"("Memory":0)"))->memory_limit, std::nullopt);
}

TEST(DockerView, NetworksOfOthersAreNotItsOwn) {
  for (const char* mode : {"host", "container:abc"}) {
    const auto container =
        parse_container(inspected("\"NetworkMode\":\"" + std::string{mode} + "\""));
    EXPECT_FALSE(container->own_network) << mode;
  }
  for (const char* mode : {"shop_net", "none", "slirp4netns"}) {
    const auto container =
        parse_container(inspected("\"NetworkMode\":\"" + std::string{mode} + "\""));
    EXPECT_TRUE(container->own_network) << mode;
  }
}

TEST(DockerView, TimesAndMounts) {
  const auto container = parse_container(
      R"({"Id":")" + id_a + R"(","State":{"StartedAt":"2026-11-22T12:00:00.250999999Z"},)" +
      R"("Mounts":[{"Type":"volume","Name":"data","Source":"/v/data","Destination":"/data","RW":true},)"
      R"({"Type":"bind","Source":"/etc/shop","Destination":"/etc/shop","RW":false},7,{}],)"
      R"("HostConfig":{"Tmpfs":{"/run":"size=1m"}}})");
  ASSERT_TRUE(container) << container.error().message;
  EXPECT_EQ(container->started_at, parse_rfc3339("2026-11-22T12:00:00.250Z").value());
  EXPECT_THAT(container->mounts,
              ElementsAre(MountReading{"volume", "data", "/v/data", "/data", true},
                          MountReading{"bind", "", "/etc/shop", "/etc/shop", false},
                          MountReading{"tmpfs", "", "", "/run", true}));
  const auto never =
      parse_container(R"({"Id":")" + id_a + R"(","State":{"StartedAt":"0001-01-01T00:00:00Z"}})");
  EXPECT_EQ(never->started_at, std::nullopt);
}

TEST(DockerView, MountsAreBounded) {
  std::string list;
  for (int i = 0; i < 1000; ++i) list += R"({"Destination":"/d"},)";
  list += "{\"Destination\":\"" + std::string(5000, 'x') + "\"}";
  const auto container = parse_container(R"({"Id":")" + id_a + R"(","Mounts":[)" + list + "]}");
  ASSERT_TRUE(container);
  EXPECT_EQ(container->mounts.size(), 64U);
}

std::string summary(const std::string& members) {
  return parse_container_list(R"([{"Id":")" + id_a + R"(",)" + members + "}]")->at(0).summary;
}

TEST(DockerView, AListShowsWhatChangedAndNotThatTimePassed) {
  const std::string up = summary(R"x("Names":["/a"],"State":"running","Status":"Up 5 minutes")x");
  EXPECT_EQ(up, summary(R"x("Names":["/a"],"State":"running","Status":"Up 6 minutes")x"));
  for (const char* other :
       {R"x("Names":["/b"],"State":"running","Status":"Up 5 minutes")x",
        R"x("Names":["/a"],"State":"paused","Status":"Up 5 minutes (Paused)")x",
        R"x("Names":["/a"],"State":"running","Status":"Up 5 minutes (healthy)")x",
        R"x("Names":["/a"],"State":"running","Status":"Up 5 minutes","Image":"x")x"}) {
    EXPECT_NE(up, summary(other)) << other;
  }
}

TEST(DockerView, WritableSizes) {
  const auto sizes =
      parse_writable_sizes(R"([{"Id":")" + id_a + R"(","SizeRw":4096},{"Id":"x"},1])");
  ASSERT_TRUE(sizes);
  EXPECT_EQ(*sizes, (std::map<std::string, std::uint64_t>{{id_a, 4096}, {"x", 0}}));
  EXPECT_FALSE(parse_writable_sizes("{}"));
}

TEST(DockerView, AParentCannotLeadOutOfTheTree) {
  EXPECT_EQ(parse_container(inspected(R"("CgroupParent":"../../etc")"))->cgroup_parent, "");
  EXPECT_EQ(parse_container(inspected(R"("CgroupParent":"lab.slice")"))->cgroup_parent,
            "/lab.slice");
}

TEST(DockerView, IdsThatAreNoIdsAreRefused) {
  for (const char* json :
       {"<html>", "{}", "[]", R"({"Id":"../../x"})", R"({"Id":"abc"})", "null"}) {
    EXPECT_FALSE(parse_container(json)) << json;
  }
  for (const char* json : {"", "{}", R"([{"Id":"abc"}])", "[1]"}) {
    EXPECT_FALSE(parse_container_list(json)) << json;
  }
  EXPECT_EQ(parse_container_list("[{\"Id\":\"" + id_a + "\"}]")->at(0).id, id_a);
}

TEST(DockerView, ImagesAndInfo) {
  const auto images = parse_images(R"([{"Id":"sha256:f","Size":1000},{"Id":"x","Size":-1},7])");
  ASSERT_TRUE(images);
  EXPECT_EQ(*images, (std::map<std::string, std::uint64_t>{{"sha256:f", 1000}}));
  const auto info = parse_info(
      R"({"ServerVersion":"20.10.24","Driver":"overlay2","DockerRootDir":"/var/lib/docker"})");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->version, "20.10.24");
  EXPECT_EQ(info->root_dir, "/var/lib/docker");
  EXPECT_EQ(parse_info("{}")->version, std::nullopt);
}

TEST(DockerView, EventsThatMatter) {
  const auto kind = [](const std::string& type, const std::string& action) {
    const auto event = parse_event(R"({"Type":")" + type + R"(","Action":")" + action +
                                   R"(","Actor":{"ID":")" + id_a + R"("}})");
    return event ? event->kind : DockerEvent::Kind::other;
  };
  EXPECT_EQ(kind("container", "start"), DockerEvent::Kind::container);
  EXPECT_EQ(kind("container", "health_status: healthy"), DockerEvent::Kind::container);
  EXPECT_EQ(kind("container", "exec_start: /bin/check"), DockerEvent::Kind::other);
  EXPECT_EQ(kind("image", "pull"), DockerEvent::Kind::image);
  EXPECT_EQ(kind("network", "connect"), DockerEvent::Kind::other);
  EXPECT_FALSE(parse_event("not json"));
}

}  // namespace
}  // namespace plimsoll
