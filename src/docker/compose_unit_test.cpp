#include "docker/compose_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker/network_spec.h"
#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;

struct Service {
  std::string name;
  std::string created;
  std::string depends_on{};
};

json::value service_document(const Service& service, char digit) {
  auto document = container_document();
  document.at("Id") = std::string(64, digit);
  document.at("Name") = "/shop_" + service.name + "_1";
  document.as_object()["Created"] = service.created;
  auto& labels = document.at("Config").at("Labels").as_object();
  labels["com.docker.compose.project"] = "shop";
  labels["com.docker.compose.service"] = service.name;
  labels["com.docker.compose.container-number"] = "1";
  if (!service.depends_on.empty()) labels["com.docker.compose.depends_on"] = service.depends_on;
  return document;
}

std::vector<std::string> names_in_order(const std::vector<json::value>& documents) {
  std::vector<ContainerInspect> members;
  for (const auto& document : documents) members.push_back(container_of(document));
  std::vector<std::string> names;
  for (const std::size_t i : start_order(members)) names.push_back(members[i].name);
  return names;
}

TEST(ComposeUnit, StartsWhatOthersDependOnFirst) {
  EXPECT_THAT(
      names_in_order({service_document({"a", "2026-11-01", "c:service_healthy:true,b"}, '1'),
                      service_document({"b", "2026-11-03", "c:service_started:true"}, '2'),
                      service_document({"c", "2026-11-04"}, '3')}),
      ElementsAre("shop_c_1", "shop_b_1", "shop_a_1"));
}

TEST(ComposeUnit, WithoutLabelsTheOrderOfMakingDecides) {
  EXPECT_THAT(names_in_order({service_document({"web", "2026-11-01T10:00:02.5Z"}, '1'),
                              service_document({"db", "2026-11-01T10:00:01Z"}, '2'),
                              service_document({"api", "2026-11-01T10:00:02.1Z"}, '3')}),
              ElementsAre("shop_db_1", "shop_api_1", "shop_web_1"));
}

TEST(ComposeUnit, NamedContainersComeFirst) {
  auto proxy = service_document({"proxy", "2026-11-01"}, '1');
  proxy.at("HostConfig").at("NetworkMode") = "container:" + std::string(64, '2');
  auto linked = service_document({"linked", "2026-11-01"}, '3');
  linked.at("HostConfig").as_object()["Links"] =
      json::parse(R"(["/shop_proxy_1:/shop_linked_1/p"])");
  EXPECT_THAT(names_in_order({linked, proxy, service_document({"vpn", "2026-11-09"}, '2')}),
              ElementsAre("shop_vpn_1", "shop_proxy_1", "shop_linked_1"));
}

TEST(ComposeUnit, ARingIsBrokenAtItsOldest) {
  EXPECT_THAT(names_in_order({service_document({"a", "2026-11-02", "b"}, '1'),
                              service_document({"b", "2026-11-01", "a"}, '2')}),
              ElementsAre("shop_b_1", "shop_a_1"));
}

TEST(ComposeUnit, SharedPartsAreListedOnce) {
  auto reader = service_document({"reader", "2026-11-02"}, '1');
  reader.at("NetworkSettings").at("Networks").as_object().erase("back");
  reader.at("Mounts").as_array().emplace_back(
      json::parse(R"({"Type": "bind", "Source": "/srv/a", "Destination": "/a", "RW": false})"));
  const std::vector<ContainerInspect> members{
      container_of(service_document({"writer", "2026-11-01"}, '2')), container_of(reader)};
  const auto parts = unit_parts(members);
  EXPECT_THAT(parts.volumes.at("data"), ElementsAre(0, 1));
  EXPECT_EQ(parts.volumes.size(), 1U);
  EXPECT_THAT(parts.networks.at("front"), ElementsAre(0, 1));
  EXPECT_THAT(parts.networks.at("back"), ElementsAre(0));
  EXPECT_THAT(parts.bind_paths.at("/srv/a"), ElementsAre(1));
}

TEST(ComposeUnit, AMarkerIsAnotherNetworkOfTheSameName) {
  const auto network = json::parse(R"({"Name": "shop_default", "Driver": "bridge", "Options": {},
    "Labels": {"com.docker.compose.network": "default", "com.docker.compose.project": "shop"}})");
  EXPECT_TRUE(is_project_network(network));
  EXPECT_EQ(marker_destination(network), "");
  const auto marker = make_marker_network(network, "h2", "m1");
  EXPECT_EQ(marker.at("Name"), "shop_default");
  EXPECT_EQ(marker_destination(marker), "h2");
  EXPECT_FALSE(is_project_network(marker));
  EXPECT_EQ(network_differences(network, marker, false).size(), 2U);
}

TEST(ComposeUnit, ContainersAreKnownByProjectServiceAndNumber) {
  auto labels = container_of(service_document({"web", "2026"}, '1')).labels;
  EXPECT_EQ(compose_identity(labels), "shop/web/1");
  labels["com.docker.compose.oneoff"] = "True";
  EXPECT_EQ(compose_identity(labels), "");
  EXPECT_EQ(compose_identity({}), "");
}

}  // namespace
}  // namespace plimsoll
