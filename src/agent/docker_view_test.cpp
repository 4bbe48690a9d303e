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
  for (const char* mode : {"host", "none", "container:abc"}) {
    const auto container =
        parse_container(inspected("\"NetworkMode\":\"" + std::string{mode} + "\""));
    EXPECT_FALSE(container->own_network) << mode;
  }
  EXPECT_TRUE(parse_container(inspected(R"("NetworkMode":"shop_net")"))->own_network);
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
  EXPECT_THAT(*parse_container_list("[{\"Id\":\"" + id_a + "\"}]"), ElementsAre(id_a));
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
