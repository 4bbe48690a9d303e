#include "docker/create_spec.h"

#include <gtest/gtest.h>

#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

CreateSpec spec_of(json::value container, json::value image = image_document()) {
  return make_create_spec(container_of(std::move(container)), image_of(std::move(image)),
                          {{"plimsoll.move.id", "new"}})
      .value();
}

TEST(CreateSpec, LeavesOutWhatTheImageGives) {
  const auto spec = spec_of(container_document());
  EXPECT_EQ(spec.body.at("Env"), json::parse(R"(["SECRET=hush"])"));
  EXPECT_FALSE(spec.body.as_object().contains("Cmd"));
  EXPECT_FALSE(spec.body.as_object().contains("WorkingDir"));
  EXPECT_EQ(spec.body.at("Image"), "sha256:1111");
  EXPECT_EQ(spec.body.at("Volumes"), json::parse(R"({"/anon": {}})"));
}

TEST(CreateSpec, AnEntryPointGivenByHandTravelsWithItsCommand) {
  auto container = container_document();
  container.at("Config").at("Entrypoint") = json::parse(R"(["/init"])");
  const auto spec = spec_of(container);
  EXPECT_EQ(spec.body.at("Entrypoint"), json::parse(R"(["/init"])"));
  EXPECT_EQ(spec.body.at("Cmd"), json::parse(R"(["serve"])"));
}

TEST(CreateSpec, AnEmptiedEntryPointStaysEmpty) {
  auto image = image_document();
  image.at("Config").as_object()["Entrypoint"] = json::parse(R"(["/entry"])");
  EXPECT_EQ(spec_of(container_document(), image).body.at("Entrypoint"), json::parse(R"([""])"));
}

TEST(CreateSpec, OneAddressFamilyAloneWasSomebodysChoice) {
  auto container = container_document();
  container.at("NetworkSettings").at("Ports") =
      json::parse(R"({"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]})");
  EXPECT_EQ(spec_of(container).body.at("HostConfig").at("PortBindings"),
            json::parse(R"({"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]})"));
}

TEST(CreateSpec, DropsWhatOnlyTheOldEngineCouldKnow) {
  const auto spec = spec_of(container_document());
  EXPECT_FALSE(spec.body.as_object().contains("Hostname"));
  const auto& front = spec.body.at("NetworkingConfig").at("EndpointsConfig").at("front");
  EXPECT_EQ(front, json::parse(R"({"IPAMConfig": {"IPv4Address": "172.30.0.5"},
                                   "Aliases": ["www"]})"));
  ASSERT_EQ(spec.more_networks.size(), 1U);
  EXPECT_EQ(spec.more_networks[0].first, "back");
  EXPECT_EQ(spec.user_networks, (std::vector<std::string>{"front", "back"}));
}

TEST(CreateSpec, AChosenHostNameStays) {
  auto container = container_document();
  container.at("Config").at("Hostname") = "db1";
  EXPECT_EQ(spec_of(container).body.at("Hostname"), "db1");
}

TEST(CreateSpec, PortsThatDockerChoseAreAskedForByNumber) {
  EXPECT_EQ(spec_of(container_document()).body.at("HostConfig").at("PortBindings"),
            json::parse(R"({"80/tcp": [{"HostIp": "", "HostPort": "49153"}]})"));
}

TEST(CreateSpec, TheCopyDoesNotStartByItself) {
  const auto spec = spec_of(container_document());
  EXPECT_EQ(spec.body.at("HostConfig").at("RestartPolicy").at("Name"), "no");
  EXPECT_EQ(spec.body.at("HostConfig").at("Memory"), 67108864);
}

TEST(CreateSpec, LabelsOfEarlierMovesAreReplaced) {
  EXPECT_EQ(spec_of(container_document()).body.at("Labels"),
            json::parse(R"({"team": "blue", "plimsoll.move.id": "new"})"));
}

TEST(CreateSpec, RefusesWhatWouldBeLost) {
  auto container = container_document();
  container.at("HostConfig").at("AutoRemove") = true;
  const auto removed = make_create_spec(container_of(container), image_of(image_document()), {});
  EXPECT_EQ(removed.error().code, Errc::refused);
  EXPECT_NE(removed.error().message.find("--rm"), std::string::npos);
  container = container_document();
  container.at("HostConfig").as_object()["VolumesFrom"] = json::parse(R"(["dep"])");
  EXPECT_FALSE(make_create_spec(container_of(container), image_of(image_document()), {}));
  container = container_document();
  container.at("HostConfig").at("NetworkMode") = "container:abc";
  EXPECT_FALSE(make_create_spec(container_of(container), image_of(image_document()), {}));
}

TEST(NetworkSpec, KeepsOptionsAndLeavesAddressesToTheEngine) {
  const auto network = json::parse(R"({"Name": "front", "Id": "n1", "Driver": "bridge",
    "Internal": true, "IPAM": {"Driver": "default", "Options": null,
    "Config": [{"Subnet": "172.30.0.0/16"}]}, "Options": {"a": "b"}, "Labels": {}})");
  const auto spec = make_network_spec(network, false);
  EXPECT_EQ(spec.at("Name"), "front");
  EXPECT_EQ(spec.at("Internal"), true);
  EXPECT_EQ(spec.at("IPAM"), json::parse(R"({"Driver": "default"})"));
  EXPECT_FALSE(spec.as_object().contains("Id"));
  EXPECT_EQ(make_network_spec(network, true).at("IPAM").at("Config").as_array().size(), 1U);
}

}  // namespace
}  // namespace plimsoll
