#include "docker/inspect.h"

#include <gtest/gtest.h>

#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

TEST(Inspect, ReadsWhatAMoveNeeds) {
  const auto container = container_of(container_document());
  EXPECT_EQ(container.name, "web");
  EXPECT_EQ(container.state, "running");
  EXPECT_EQ(container.restart_policy, "always");
  EXPECT_EQ(container.upper_dir, "/var/lib/docker/overlay2/abc/diff");
  ASSERT_EQ(container.mounts.size(), 2U);
  EXPECT_FALSE(container.mounts[0].anonymous);
  EXPECT_TRUE(container.mounts[1].anonymous);
  ASSERT_EQ(container.ports.size(), 2U);
  EXPECT_EQ(container.ports[0].host_port, 49153);
  EXPECT_EQ(container.labels.at("team"), "blue");
}

TEST(Inspect, AStoppedContainerKeepsThePortsItAskedFor) {
  auto document = container_document();
  document.at("NetworkSettings").at("Ports") = json::object{};
  document.at("HostConfig").at("PortBindings") =
      json::parse(R"({"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]})");
  const auto container = container_of(document);
  ASSERT_EQ(container.ports.size(), 1U);
  EXPECT_EQ(container.ports[0].host_address, "127.0.0.1");
}

TEST(Inspect, AVolumeAskedForByItsDigitsIsNamed) {
  auto document = container_document();
  const std::string name(64, 'b');
  document.at("HostConfig").at("Binds").as_array().emplace_back(name + ":/anon:rw");
  EXPECT_FALSE(container_of(document).mounts[1].anonymous);
  document.at("HostConfig").at("Binds") = json::array{};
  document.at("HostConfig").as_object()["Mounts"] =
      json::array{json::object{{"Type", "volume"}, {"Source", name}, {"Target", "/anon"}}};
  EXPECT_FALSE(container_of(document).mounts[1].anonymous);
}

TEST(Inspect, TheFirstNetworkIsItsOwnOrWhatItHas) {
  auto document = container_document();
  EXPECT_EQ(first_network(container_of(document)), "front");
  document.at("HostConfig").at("NetworkMode") = "gone";
  EXPECT_EQ(first_network(container_of(document)), "front");
  document.at("HostConfig").at("NetworkMode") = "host";
  EXPECT_EQ(first_network(container_of(document)), "host");
  document.at("NetworkSettings").at("Networks") = json::object{};
  document.at("HostConfig").at("NetworkMode") = "default";
  EXPECT_EQ(first_network(container_of(document)), "default");
}

TEST(Inspect, RefusesWhatIsNoInspectDocument) {
  EXPECT_EQ(parse_container_inspect(json::array{}).error().code, Errc::malformed);
  EXPECT_EQ(parse_container_inspect(json::object{{"Id", "short"}}).error().code, Errc::malformed);
  EXPECT_EQ(parse_image_inspect(json::object{}).error().code, Errc::malformed);
  EXPECT_FALSE(parse_json("<html>", "x"));
  EXPECT_FALSE(parse_json(std::string(100, '['), "x"));
}

TEST(Inspect, WrongTypesReadAsAbsent) {
  auto document = container_document();
  document.at("State") = "running";
  document.at("Mounts") = 7;
  document.at("NetworkSettings") = nullptr;
  const auto container = container_of(document);
  EXPECT_EQ(container.state, "");
  EXPECT_TRUE(container.mounts.empty());
}

TEST(Inspect, ImagesNameTheirLayers) {
  const auto image = image_of(image_document());
  EXPECT_EQ(image.diff_ids.size(), 2U);
  EXPECT_EQ(image.size, Bytes{5'000'000});
  EXPECT_EQ(image.architecture, "amd64");
}

}  // namespace
}  // namespace plimsoll
