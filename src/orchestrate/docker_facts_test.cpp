#include "orchestrate/docker_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;

ContainerState state_of(const json::value& document) {
  const auto image = image_of(image_document());
  return container_state(container_of(document), &image, nullptr);
}

TEST(DockerFacts, LimitsPortsAndLayers) {
  const auto state = state_of(container_document());
  EXPECT_EQ(state.cpu_limit_cores, 0.5);
  EXPECT_EQ(state.memory_limit, Bytes{67108864});
  ASSERT_EQ(state.ports.size(), 1U);
  EXPECT_EQ(state.ports[0].port, 49153);
  EXPECT_EQ(state.layers.size(), 2U);
  EXPECT_EQ(state.image_bytes, Bytes{5'000'000});
}

TEST(DockerFacts, MeasuredUseIsKept) {
  ContainerState measured;
  measured.cpu_cores = 0.25;
  const auto state = container_state(container_of(container_document()), nullptr, &measured);
  EXPECT_EQ(state.cpu_cores, 0.25);
  EXPECT_EQ(state.name.str(), "web");
  EXPECT_FALSE(state.image_bytes);
}

TEST(DockerFacts, SizesAreOnlyGivenToLayersWhereTheyAreSure) {
  auto layers = state_of(container_document()).layers;
  add_layer_sizes({Bytes{7}}, layers);
  EXPECT_FALSE(layers[0].bytes);
  add_layer_sizes({Bytes{7}, Bytes{9}}, layers);
  EXPECT_EQ(layers[0].bytes, Bytes{7});
  EXPECT_EQ(layers[1].bytes, Bytes{9});
}

TEST(DockerFacts, OtherLabelsStayBehind) {
  auto document = container_document();
  document.at("Config").at("Labels") = json::parse(
      R"({"password": "hush", "plimsoll.move": "never", "com.docker.compose.project": "shop"})");
  EXPECT_EQ(state_of(document).labels,
            (std::map<std::string, std::string>{{"plimsoll.move", "never"},
                                                {"com.docker.compose.project", "shop"}}));
}

TEST(DockerFacts, PlimsollAndItsDatabaseAreKnown) {
  const auto is_ours = [](const auto& change) {
    auto document = container_document();
    change(document);
    return state_of(document).obstacles.is_plimsoll;
  };
  EXPECT_FALSE(is_ours([](json::value&) {}));
  EXPECT_TRUE(is_ours([](json::value& d) { d.as_object()["Path"] = "/usr/bin/plimsoll"; }));
  EXPECT_TRUE(is_ours([](json::value& d) {
    d.as_object()["Path"] = "sh";
    d.as_object()["Args"] = json::parse(R"(["-c", "exec plimsoll up"])");
  }));
  EXPECT_TRUE(is_ours(
      [](json::value& d) { d.at("Config").at("Image") = "reg:5000/ops/plimsoll:0.1@sha256:9"; }));
  EXPECT_FALSE(is_ours([](json::value& d) { d.at("Config").at("Image") = "influxdb:1.8"; }));
  EXPECT_TRUE(is_ours([](json::value& d) {
    d.at("Config").at("Image") = "influxdb:1.8";
    d.at("Config").at("Env").as_array().emplace_back("INFLUXDB_DB=telemetrydata");
  }));
  EXPECT_FALSE(is_ours([](json::value& d) {
    d.at("Config").at("Image") = "plimsoll";
    d.at("Config").at("Labels").as_object()["plimsoll.self"] = "no";
  }));
}

TEST(DockerFacts, EveryObstacleIsSeen) {
  auto document = container_document();
  auto& host = document.at("HostConfig").as_object();
  host["NetworkMode"] = "host";
  host["PidMode"] = "host";
  host["Privileged"] = true;
  host["AutoRemove"] = true;
  host["IpcMode"] = "host";
  host["UTSMode"] = "host";
  host["VolumesFrom"] = json::parse(R"(["db:ro"])");
  host["Novelty"] = 1;
  host["Devices"] = json::parse(R"([{"PathOnHost": "/dev/kvm"}])");
  document.at("Mounts") = json::parse(R"([
    {"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/s", "RW": true},
    {"Type": "bind", "Source": "/srv/data", "Destination": "/d", "RW": true},
    {"Type": "volume", "Name": "shared", "Driver": "nfs", "Destination": "/n", "RW": true}])");
  const auto found = state_of(document).obstacles;
  EXPECT_TRUE(found.host_network && found.host_pid && found.privileged && found.auto_remove);
  EXPECT_TRUE(found.docker_socket);
  EXPECT_THAT(found.host_namespaces, ElementsAre("ipc", "uts"));
  EXPECT_THAT(found.other_containers, ElementsAre("--volumes-from db:ro"));
  EXPECT_THAT(found.unknown_fields, ElementsAre("HostConfig.Novelty"));
  EXPECT_THAT(found.devices, ElementsAre("/dev/kvm"));
  EXPECT_THAT(found.bind_mounts, ElementsAre("/srv/data"));
  EXPECT_THAT(found.foreign_volumes, ElementsAre("shared (driver nfs)"));
}

TEST(DockerFacts, PlimsollKnowsItself) {
  auto document = container_document();
  document.as_object()["Path"] = "/usr/local/bin/plimsoll";
  EXPECT_TRUE(state_of(document).obstacles.is_plimsoll);
  EXPECT_FALSE(state_of(container_document()).obstacles.is_plimsoll);
}

}  // namespace
}  // namespace plimsoll
