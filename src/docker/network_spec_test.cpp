#include "docker/network_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/inspect_documents.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

json::value network_document() {
  return json::parse(R"({"Name": "front", "Id": "n1", "Driver": "bridge", "Scope": "local",
    "Internal": true, "Attachable": false, "EnableIPv6": false, "Ingress": false,
    "IPAM": {"Driver": "default", "Options": null,
             "Config": [{"Subnet": "172.30.0.0/16", "Gateway": "172.30.0.1"}]},
    "Options": {"a": "b"}, "Labels": {"com.docker.compose.network": "front"},
    "Containers": {"c1": {"Name": "web"}}})");
}

json::value& addresses_of(json::value& network) { return network.at("IPAM").at("Config").at(0); }

TEST(NetworkSpec, KeepsOptionsAndLeavesAddressesToTheEngine) {
  const auto network = network_document();
  const auto spec = make_network_spec(network, false);
  EXPECT_EQ(spec.at("Name"), "front");
  EXPECT_EQ(spec.at("Internal"), true);
  EXPECT_EQ(spec.at("Labels"), network.at("Labels"));
  EXPECT_EQ(spec.at("IPAM"), json::parse(R"({"Driver": "default"})"));
  EXPECT_FALSE(spec.as_object().contains("Id"));
  EXPECT_FALSE(spec.as_object().contains("Containers"));
  EXPECT_EQ(make_network_spec(network, true).at("IPAM").at("Config"),
            network.at("IPAM").at("Config"));
}

TEST(NetworkSpec, AddressesThatSomebodyChoseAreSeen) {
  auto network = network_document();
  EXPECT_FALSE(has_chosen_addresses(network));
  addresses_of(network).as_object().erase("Gateway");
  EXPECT_TRUE(has_chosen_addresses(network));
  network = network_document();
  addresses_of(network).as_object()["IPRange"] = "172.30.5.0/24";
  EXPECT_TRUE(has_chosen_addresses(network));
  network = network_document();
  addresses_of(network).at("Subnet") = "fd00:1::/64";
  EXPECT_TRUE(has_chosen_addresses(network));
  network = network_document();
  network.at("IPAM").at("Driver") = "infoblox";
  EXPECT_TRUE(has_chosen_addresses(network));
}

TEST(NetworkSpec, AFixedAddressIsOfOneContainer) {
  const auto container = container_of(container_document());
  EXPECT_TRUE(has_fixed_address(container, "front"));
  EXPECT_FALSE(has_fixed_address(container, "back"));
  EXPECT_FALSE(has_fixed_address(container, "nowhere"));
}

TEST(NetworkSpec, DifferencesAreNamed) {
  const auto here = network_document();
  auto there = network_document();
  addresses_of(there).at("Subnet") = "10.9.0.0/24";
  there.at("Labels") = json::object{};
  there.at("Options") = json::parse(R"({"a": "b"})");
  EXPECT_THAT(network_differences(here, there, false), IsEmpty());
  EXPECT_EQ(network_differences(here, there, true).size(), 1U);
  there.at("Driver") = "macvlan";
  there.at("Internal") = false;
  EXPECT_THAT(network_differences(here, there, false),
              ElementsAre("Driver: \"bridge\" here, \"macvlan\" there",
                          "Internal: true here, false there"));
}

TEST(NetworkSpec, UnsetIsUnsetHoweverItIsWritten) {
  const auto here = network_document();
  auto there = network_document();
  there.as_object().erase("Attachable");
  EXPECT_THAT(network_differences(here, there, true), IsEmpty());
}

}  // namespace
}  // namespace plimsoll
