#include "docker/inspect_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The copy as the other engine would show it: other ids, our labels, no restart yet.
json::value copy_document() {
  auto copy = container_document();
  copy.at("Id") = std::string(64, 'c');
  copy.at("Config").at("Hostname") = std::string(12, 'c');
  copy.at("Config").at("Image") = "sha256:1111";
  copy.at("Config").at("Labels") = json::parse(
      R"({"team": "blue", "maker": "us", "plimsoll.move.id": "new", "plimsoll.move.role": "copy"})");
  copy.at("HostConfig").at("RestartPolicy").at("Name") = "no";
  copy.at("HostConfig").at("PortBindings") =
      json::parse(R"({"80/tcp": [{"HostIp": "", "HostPort": "49153"}]})");
  copy.at("NetworkSettings").at("Ports") = json::object{};
  copy.at("Mounts").at(1).at("Name") = std::string(64, 'd');
  std::swap(copy.at("Mounts").at(0), copy.at("Mounts").at(1));
  copy.at("Config").at("Env") = json::parse(R"(["PATH=/bin", "SECRET=hush"])");
  copy.at("NetworkSettings").at("Networks").at("front").at("Aliases") =
      json::parse(R"(["cccccccccccc", "www"])");
  return copy;
}

std::vector<std::string> differences(const json::value& copy) {
  return unexplained_differences(container_of(container_document()), container_of(copy));
}

TEST(InspectDiff, AFaithfulCopyHasNone) { EXPECT_THAT(differences(copy_document()), IsEmpty()); }

TEST(InspectDiff, NamesTheField) {
  auto copy = copy_document();
  copy.at("HostConfig").at("Memory") = 0;
  EXPECT_THAT(differences(copy), ElementsAre("HostConfig.Memory: 67108864 here, 0 there"));
}

TEST(InspectDiff, TerminalsLinksAndDefaultNetworksAreExplained) {
  auto original = container_document();
  auto copy = copy_document();
  original.at("HostConfig").as_object()["ConsoleSize"] = json::parse("[24, 80]");
  original.at("HostConfig").as_object()["Links"] = json::parse(R"(["/dep:/web/db"])");
  original.at("HostConfig").at("NetworkMode") = "default";
  copy.at("HostConfig").as_object()["ConsoleSize"] = json::parse("[0, 0]");
  copy.at("HostConfig").as_object()["Links"] = json::parse(R"(["/dep:/web--plimsoll-x/db"])");
  copy.at("HostConfig").at("NetworkMode") = "bridge";
  EXPECT_THAT(unexplained_differences(container_of(original), container_of(copy)), IsEmpty());
  copy.at("HostConfig").at("Links") = json::parse(R"(["/other:/web--plimsoll-x/db"])");
  EXPECT_EQ(unexplained_differences(container_of(original), container_of(copy)).size(), 1U);
}

TEST(InspectDiff, NeverPrintsASecret) {
  auto copy = copy_document();
  copy.at("Config").at("Env") = json::parse(R"(["PATH=/bin"])");
  copy.at("Config").at("Labels").as_object().erase("team");
  const auto found = differences(copy);
  EXPECT_THAT(found, ElementsAre("Config.Env: (not shown) here, (not shown) there",
                                 "Config.Labels differ"));
}

TEST(InspectDiff, SeesLostPortsMountsAndNetworks) {
  auto copy = copy_document();
  copy.at("HostConfig").at("PortBindings") = json::object{};
  copy.at("Mounts").as_array().pop_back();
  copy.at("NetworkSettings").at("Networks").as_object().erase("back");
  EXPECT_EQ(differences(copy).size(), 3U);
}

TEST(InspectDiff, AnotherImageIsSeen) {
  auto copy = copy_document();
  copy.at("Image") = "sha256:2222";
  EXPECT_THAT(differences(copy), ElementsAre("Image: sha256:1111 here, sha256:2222 there"));
}

TEST(InspectDiff, WhatTheOtherEngineDoesNotKnowIsNamed) {
  auto original = container_document();
  original.at("HostConfig").as_object()["KernelMemory"] = 5;
  original.at("HostConfig").as_object()["Annotations"] = json::parse(R"({"a": "b"})");
  EXPECT_THAT(unexplained_differences(container_of(original), container_of(copy_document())),
              ElementsAre("HostConfig.KernelMemory: 5 here, null there",
                          "HostConfig.Annotations: {\"a\":\"b\"} here, null there"));
}

TEST(InspectDiff, WhatTheOtherEngineSetsByItselfIsNamed) {
  auto copy = copy_document();
  copy.at("HostConfig").as_object()["Ulimits"] = json::parse(R"([{"Name": "nofile"}])");
  EXPECT_EQ(differences(copy).size(), 1U);
}

TEST(InspectDiff, EndpointsAreCompared) {
  auto copy = copy_document();
  auto& front = copy.at("NetworkSettings").at("Networks").at("front");
  front.at("Aliases") = json::parse(R"(["cccccccccccc", "www"])");
  EXPECT_THAT(differences(copy), IsEmpty());
  front.at("Aliases") = json::array{};
  front.at("IPAMConfig") = nullptr;
  EXPECT_EQ(differences(copy).size(), 2U);
}

TEST(InspectDiff, AChosenMacAddressMayStandWithTheEndpoint) {
  auto original = container_document();
  original.at("Config").as_object()["MacAddress"] = "02:42:00:00:00:07";
  auto copy = copy_document();
  EXPECT_EQ(unexplained_differences(container_of(original), container_of(copy)).size(), 1U);
  copy.at("NetworkSettings").at("Networks").at("front").at("MacAddress") = "02:42:00:00:00:07";
  EXPECT_THAT(unexplained_differences(container_of(original), container_of(copy)), IsEmpty());
}

TEST(InspectDiff, AContainerThatMovesAlongIsKnownByItsCopy) {
  auto original = container_document();
  auto copy = copy_document();
  original.at("HostConfig").as_object()["PidMode"] = "container:dep";
  copy.at("HostConfig").as_object()["PidMode"] = "container:copy1";
  const auto found = [&](const std::string& name) {
    return unexplained_differences(container_of(original), container_of(copy),
                                   {{std::string(64, 'd'), "dep", name}});
  };
  EXPECT_THAT(found("copy1"), IsEmpty());
  EXPECT_EQ(found("copy2").size(), 1U);
}

TEST(InspectDiff, AnUnsetFieldMayBeUnknownToTheOther) {
  auto copy = copy_document();
  copy.at("HostConfig").as_object().erase("CapAdd");
  EXPECT_THAT(differences(copy), IsEmpty());
}

}  // namespace
}  // namespace plimsoll
