#include "docker/create_spec.h"

#include <gtest/gtest.h>

#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

CreateRequest request_to(const std::string& api_version = "1.41") {
  CreateRequest request;
  request.labels["plimsoll.move.id"] = "new";
  request.api_version = api_version;
  return request;
}

CreateSpec spec_of(json::value container, json::value image = image_document(),
                   const CreateRequest& request = request_to()) {
  return make_create_spec(container_of(std::move(container)), image_of(std::move(image)), request)
      .value();
}

Error refusal_of(const json::value& container, const CreateRequest& request = request_to()) {
  const auto spec = make_create_spec(container_of(container), image_of(image_document()), request);
  return spec ? Error{Errc::io, "it was not refused"} : spec.error();
}

json::object& host_config(json::value& container) { return container.at("HostConfig").as_object(); }

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
  auto container = container_document();
  host_config(container)["ContainerIDFile"] = "/tmp/cid";
  const auto spec = spec_of(container);
  EXPECT_FALSE(spec.body.at("HostConfig").as_object().contains("ContainerIDFile"));
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

TEST(CreateSpec, TheImageKeepsItsName) {
  auto request = request_to();
  request.image = "app:1";
  EXPECT_EQ(spec_of(container_document(), image_document(), request).body.at("Image"), "app:1");
}

TEST(CreateSpec, EverySettingIsCarried) {
  auto container = container_document();
  auto& host = host_config(container);
  host["BlkioWeight"] = 300;
  host["Init"] = true;
  host["BlkioWeightDevice"] = json::parse(R"([{"Path": "/dev/sda", "Weight": 200}])");
  host["CpuRealtimePeriod"] = 1000000;
  host["CpuRealtimeRuntime"] = 950000;
  host["StorageOpt"] = json::parse(R"({"size": "10G"})");
  const auto made = spec_of(container).body.at("HostConfig");
  for (const char* field : {"BlkioWeight", "BlkioWeightDevice", "CpuRealtimePeriod",
                            "CpuRealtimeRuntime", "StorageOpt", "Init", "Binds", "NanoCpus"}) {
    EXPECT_EQ(made.at(field), host.at(field)) << field;
  }
}

TEST(CreateSpec, EndpointsKeepWhatWasChosen) {
  auto container = container_document();
  auto& back = container.at("NetworkSettings").at("Networks").at("back").as_object();
  back["DriverOpts"] = json::parse(R"({"com.example.metric": "7"})");
  back["GwPriority"] = 10;
  back["DNSNames"] = json::parse(R"(["web", "aaaaaaaaaaaa"])");
  const auto spec = spec_of(container);
  EXPECT_EQ(spec.more_networks.at(0).second,
            json::parse(R"({"DriverOpts": {"com.example.metric": "7"}, "GwPriority": 10})"));
}

TEST(CreateSpec, AChosenMacAddressGoesWhereTheEngineWantsIt) {
  auto container = container_document();
  container.at("Config").as_object()["MacAddress"] = "02:42:c0:a8:00:07";
  EXPECT_EQ(spec_of(container).body.at("MacAddress"), "02:42:c0:a8:00:07");
  const auto newer = spec_of(container, image_document(), request_to("1.44"));
  EXPECT_FALSE(newer.body.as_object().contains("MacAddress"));
  const auto& front = newer.body.at("NetworkingConfig").at("EndpointsConfig").at("front");
  EXPECT_EQ(front.at("MacAddress"), "02:42:c0:a8:00:07");
  container.at("NetworkSettings").at("Networks") = json::parse(R"({"bridge": {}})");
  host_config(container)["NetworkMode"] = "default";
  const auto bridged = spec_of(container, image_document(), request_to("1.51"));
  EXPECT_EQ(bridged.body.at("NetworkingConfig"),
            json::parse(R"({"EndpointsConfig": {"bridge": {"MacAddress": "02:42:c0:a8:00:07"}}})"));
}

TEST(CreateSpec, TheFirstNetworkIsNamed) {
  auto container = container_document();
  const std::string id(64, 'e');
  container.at("NetworkSettings").at("Networks").at("front").at("NetworkID") = id;
  host_config(container)["NetworkMode"] = id.substr(0, 12);
  EXPECT_EQ(spec_of(container).body.at("HostConfig").at("NetworkMode"), "front");
  // Made on Docker's bridge, then taken off it.
  host_config(container)["NetworkMode"] = "default";
  EXPECT_EQ(spec_of(container).body.at("HostConfig").at("NetworkMode"), "front");
}

TEST(CreateSpec, LinksAreSaidAsPeopleSayThem) {
  auto container = container_document();
  host_config(container)["Links"] = json::parse(R"(["/dep:/web/db", "/lone:/web/lone"])");
  EXPECT_EQ(spec_of(container).body.at("HostConfig").at("Links"),
            json::parse(R"(["dep:db", "lone:lone"])"));
  EXPECT_EQ(parse_link("dep").alias, "dep");
  EXPECT_EQ(parse_link("dep:db").alias, "db");
}

TEST(CreateSpec, WhatMovesAlongIsNamedAgain) {
  auto container = container_document();
  auto& host = host_config(container);
  const std::string dep(64, 'd');
  host["NetworkMode"] = "container:" + dep;
  host["PidMode"] = "container:dep";
  host["VolumesFrom"] = json::parse(R"(["dep:ro"])");
  auto request = request_to();
  request.moved_with.push_back({dep, "dep", "copy1"});
  const auto spec = spec_of(container, image_document(), request);
  const auto& made = spec.body.at("HostConfig");
  EXPECT_EQ(made.at("NetworkMode"), "container:copy1");
  EXPECT_EQ(made.at("PidMode"), "container:copy1");
  EXPECT_EQ(made.at("VolumesFrom"), json::parse(R"(["copy1:ro"])"));
  EXPECT_FALSE(made.as_object().contains("PortBindings"));
  EXPECT_FALSE(spec.body.as_object().contains("Hostname"));
  EXPECT_FALSE(spec.body.as_object().contains("ExposedPorts"));
}

TEST(CreateSpec, NewerEnginesFieldsAreKnown) {
  auto container = container_document();
  host_config(container)["Annotations"] = json::parse(R"({"run.oci.keep": "1"})");
  container.at("Config").as_object()["ArgsEscaped"] = true;
  container.as_object()["ImageManifestDescriptor"] = json::parse(R"({"digest": "sha256:9"})");
  container.at("NetworkSettings").at("Networks").at("back").as_object()["DNSNames"] =
      json::parse(R"(["web"])");
  const auto spec = spec_of(container, image_document(), request_to("1.51"));
  EXPECT_EQ(spec.body.at("HostConfig").at("Annotations").at("run.oci.keep"), "1");
  EXPECT_EQ(spec.body.at("ArgsEscaped"), true);
}

TEST(CreateSpec, RefusesWhatWouldBeLost) {
  auto container = container_document();
  host_config(container)["AutoRemove"] = true;
  EXPECT_EQ(refusal_of(container).code, Errc::refused);
  EXPECT_NE(refusal_of(container).message.find("--rm"), std::string::npos);
  container.as_object()["Name"] = "/w\x7f\x1b[2J";
  EXPECT_TRUE(refusal_of(container).message.starts_with("container 'w??[2J': "))
      << "no terminal obeys";
  container = container_document();
  host_config(container)["VolumesFrom"] = json::parse(R"(["dep"])");
  EXPECT_NE(refusal_of(container).message.find("--volumes-from ties it to container 'dep'"),
            std::string::npos);
  for (const char* field : {"NetworkMode", "PidMode", "IpcMode"}) {
    container = container_document();
    host_config(container)[field] = "container:abc";
    EXPECT_NE(refusal_of(container).message.find("container 'abc'"), std::string::npos) << field;
  }
  container = container_document();
  host_config(container)["Novelty"] = true;
  EXPECT_NE(refusal_of(container).message.find("HostConfig.Novelty"), std::string::npos);
}

TEST(CreateSpec, ApiVersionsAreCompared) {
  EXPECT_TRUE(is_api_at_least("1.44", 44));
  EXPECT_TRUE(is_api_at_least("2.0", 44));
  EXPECT_FALSE(is_api_at_least("1.41", 44));
  EXPECT_FALSE(is_api_at_least("", 44));
}

}  // namespace
}  // namespace plimsoll
