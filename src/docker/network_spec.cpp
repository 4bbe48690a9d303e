#include "docker/network_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace plimsoll {
namespace {

const json::array& configs_of(const json::value& network) {
  static const json::array none;
  const auto* list = member(member(network, "IPAM"), "Config").if_array();
  return list == nullptr ? none : *list;
}

bool same(const json::value& a, const json::value& b) {
  return a == b || (is_unset(a) && is_unset(b));
}

}  // namespace

bool has_chosen_addresses(const json::value& network) {
  const auto& driver = member(member(network, "IPAM"), "Driver");
  if (!is_unset(driver) && text_of(driver) != "default") return true;
  if (!is_unset(member(member(network, "IPAM"), "Options"))) return true;
  return std::ranges::any_of(configs_of(network), [](const json::value& config) {
    // Engines before 27 have no IPv6 pool of their own to choose from.
    const bool is_ipv6 = text_of(member(config, "Subnet")).find(':') != std::string::npos;
    return is_ipv6 || !is_unset(member(config, "IPRange")) ||
           !is_unset(member(config, "AuxiliaryAddresses")) || is_unset(member(config, "Gateway"));
  });
}

bool has_fixed_address(const ContainerInspect& container, const std::string& network) {
  const auto& networks = member(member(container.document, "NetworkSettings"), "Networks");
  const auto& chosen = member(member(networks, network), "IPAMConfig");
  return !is_unset(member(chosen, "IPv4Address")) || !is_unset(member(chosen, "IPv6Address"));
}

json::value make_network_spec(const json::value& network, bool keep_subnet) {
  json::object spec;
  spec["CheckDuplicate"] = true;
  for (const char* field : {"Name", "Driver", "Internal", "Attachable", "EnableIPv4", "EnableIPv6",
                            "Options", "Labels"}) {
    if (!member(network, field).is_null()) spec[field] = member(network, field);
  }
  json::object ipam;
  const auto& source = member(network, "IPAM");
  if (!is_unset(member(source, "Driver"))) ipam["Driver"] = member(source, "Driver");
  if (!is_unset(member(source, "Options"))) ipam["Options"] = member(source, "Options");
  if (keep_subnet) ipam["Config"] = member(source, "Config");
  spec["IPAM"] = ipam;
  return spec;
}

std::vector<std::string> network_differences(const json::value& here, const json::value& there,
                                             bool same_subnet) {
  std::vector<std::string> differences;
  const auto compare = [&](const char* what, const json::value& a, const json::value& b) {
    if (same(a, b)) return;
    differences.push_back(fmt::format("{}: {} here, {} there", what,
                                      printable(json::serialize(a), 80),
                                      printable(json::serialize(b), 80)));
  };
  for (const char* field : {"Driver", "Scope", "Internal", "Attachable", "EnableIPv6", "Options"}) {
    compare(field, member(here, field), member(there, field));
  }
  if (same_subnet) {
    const auto& a = member(here, "IPAM");
    const auto& b = member(there, "IPAM");
    compare("IPAM.Driver", member(a, "Driver"), member(b, "Driver"));
    compare("IPAM.Options", member(a, "Options"), member(b, "Options"));
    compare("IPAM.Config", member(a, "Config"), member(b, "Config"));
  }
  return differences;
}

}  // namespace plimsoll
