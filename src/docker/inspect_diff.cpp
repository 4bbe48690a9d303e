#include "docker/inspect_diff.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "docker/container_fields.h"
#include "docker/create_spec.h"

namespace plimsoll {
namespace {

/// Compared apart, or not at all.
bool is_explained(const std::string& place) {
  const ContainerField* field = find_container_field(place);
  return field != nullptr &&
         (field->fate == FieldFate::mapped || field->fate == FieldFate::ignored);
}

/// What may be printed of a value: secrets stand in environment values, never elsewhere.
std::string shown(std::string_view field, const json::value& value) {
  if (field == "Env" || field == "LogConfig") return "(not shown)";
  return printable(json::serialize(value), 80);
}

json::value sorted(const json::value& value) {
  if (!value.is_array()) return value;
  json::array copy = value.get_array();
  std::sort(copy.begin(), copy.end(), [](const json::value& a, const json::value& b) {
    return json::serialize(a) < json::serialize(b);
  });
  return copy;
}

/// Both ways: an engine must neither lose what was set nor set what was not.
void compare_objects(const char* where, const json::value& original, const json::value& copy,
                     std::vector<std::string>& differences) {
  const auto compare = [&](std::string_view name) {
    const auto& value = member(original, name);
    const auto& other = member(copy, name);
    if (sorted(value) == sorted(other) || (is_unset(value) && is_unset(other))) return;
    if (is_explained(fmt::format("{}.{}", where, name))) return;
    differences.push_back(fmt::format("{}.{}: {} here, {} there", where, name, shown(name, value),
                                      shown(name, other)));
  };
  if (const auto* fields = original.if_object()) {
    for (const auto& entry : *fields) compare(entry.key());
  }
  if (const auto* fields = copy.if_object()) {
    for (const auto& entry : *fields) {
      if (member(original, entry.key()).is_null()) compare(entry.key());
    }
  }
}

std::map<std::string, std::string> own_labels(const ContainerInspect& container) {
  auto labels = container.labels;
  std::erase_if(labels,
                [](const auto& label) { return label.first.starts_with(move_label_prefix); });
  return labels;
}

std::vector<std::string> port_list(const ContainerInspect& container) {
  std::vector<std::string> list;
  for (const auto& port : container.ports) {
    const bool any =
        port.host_address.empty() || port.host_address == "0.0.0.0" || port.host_address == "::";
    list.push_back(fmt::format("{}:{}->{}", any ? "*" : port.host_address, port.host_port,
                               port.container_port));
  }
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

std::vector<std::string> mount_list(const ContainerInspect& container) {
  std::vector<std::string> list;
  for (const auto& mount : container.mounts) {
    // A bind mount needs the same folder there; an anonymous volume gets another name.
    const bool named = mount.type == "volume" && !mount.anonymous;
    list.push_back(fmt::format("{} {} on {}{}", mount.type,
                               named ? mount.name : (mount.type == "bind" ? mount.source : ""),
                               mount.destination, mount.writable ? "" : " read-only"));
  }
  std::ranges::sort(list);
  return list;
}

std::vector<std::string> link_list(const ContainerInspect& container) {
  std::vector<std::string> list;
  const auto* links = member(member(container.document, "HostConfig"), "Links").if_array();
  if (links == nullptr) return list;
  for (const auto& each : *links) {
    const ContainerLink link = parse_link(text_of(each));
    list.push_back(link.target + ":" + link.alias);
  }
  std::ranges::sort(list);
  return list;
}

/// Newer engines write "bridge" where older ones kept "default".
std::vector<std::string> network_mode(const std::string& mode) {
  return {mode == "default" ? "bridge" : mode};
}

/// HostConfig as the copy must have it: what names another container names that one's copy, where
/// it moves along.
json::value expected_host(const ContainerInspect& original,
                          const std::vector<MovedMember>& moved_with) {
  const auto* own = member(original.document, "HostConfig").if_object();
  json::object host = own == nullptr ? json::object{} : *own;
  host["NetworkMode"] = first_network(original);
  CreateRequest request;
  request.moved_with = moved_with;
  const auto made = make_host_config(original, request);
  if (!made) return host;
  for (const char* field : {"NetworkMode", "PidMode", "IpcMode", "VolumesFrom"}) {
    if (const auto* value = made->if_contains(field)) host[field] = *value;
  }
  return host;
}

void compare_lists(const char* where, const std::vector<std::string>& original,
                   const std::vector<std::string>& copy, std::vector<std::string>& differences) {
  if (original == copy) return;
  differences.push_back(fmt::format("{}: [{}] here, [{}] there", where, fmt::join(original, ", "),
                                    fmt::join(copy, ", ")));
}

const json::object& networks_of(const ContainerInspect& container) {
  static const json::object none;
  const auto* networks =
      member(member(container.document, "NetworkSettings"), "Networks").if_object();
  return networks == nullptr ? none : *networks;
}

std::vector<std::string> network_list(const ContainerInspect& container) {
  std::vector<std::string> list;
  for (const auto& entry : networks_of(container)) list.emplace_back(entry.key());
  std::ranges::sort(list);
  return list;
}

json::value chosen_aliases(const json::value& endpoint, const std::string& id) {
  json::array kept;
  if (const auto* aliases = member(endpoint, "Aliases").if_array()) {
    for (const auto& alias : *aliases) {
      if (text_of(alias) != id.substr(0, 12)) kept.push_back(alias);
    }
  }
  return kept;
}

void compare_endpoints(const ContainerInspect& original, const ContainerInspect& copy,
                       std::vector<std::string>& differences) {
  for (const auto& [name, endpoint] : networks_of(original)) {
    const auto* other = networks_of(copy).if_contains(name);
    if (other == nullptr || is_default_network(std::string_view{name})) continue;
    const auto compare = [&](const char* field, const json::value& a, const json::value& b) {
      if (sorted(a) == sorted(b) || (is_unset(a) && is_unset(b))) return;
      differences.push_back(fmt::format("network '{}', {}: {} here, {} there",
                                        std::string_view{name}, field, shown(field, a),
                                        shown(field, b)));
    };
    for (const char* field : {"IPAMConfig", "Links", "DriverOpts", "GwPriority"}) {
      compare(field, member(endpoint, field), member(*other, field));
    }
    compare("Aliases", chosen_aliases(endpoint, original.id), chosen_aliases(*other, copy.id));
  }
}

/// A chosen MAC address, wherever the engine keeps it: in Config, or with the endpoint.
void compare_mac(const ContainerInspect& original, const ContainerInspect& copy,
                 std::vector<std::string>& differences) {
  const auto chosen = text_of(member(member(original.document, "Config"), "MacAddress"));
  const auto there = text_of(member(member(copy.document, "Config"), "MacAddress"));
  if (chosen == there || chosen.empty()) return;
  const bool with_endpoint = std::ranges::any_of(networks_of(copy), [&](const auto& entry) {
    return text_of(member(entry.value(), "MacAddress")) == chosen;
  });
  if (with_endpoint) return;
  differences.push_back(fmt::format("Config.MacAddress: {} here, {} there", printable(chosen, 40),
                                    there.empty() ? "none" : printable(there, 40)));
}

}  // namespace

std::vector<std::string> unexplained_differences(const ContainerInspect& original,
                                                 const ContainerInspect& copy,
                                                 const std::vector<MovedMember>& moved_with) {
  const json::value host = expected_host(original, moved_with);
  std::vector<std::string> differences;
  compare_objects("Config", member(original.document, "Config"), member(copy.document, "Config"),
                  differences);
  compare_objects("HostConfig", host, member(copy.document, "HostConfig"), differences);
  if (original.image_id != copy.image_id) {
    differences.push_back(
        fmt::format("Image: {} here, {} there", original.image_id, copy.image_id));
  }
  if (own_labels(original) != own_labels(copy)) differences.emplace_back("Config.Labels differ");
  compare_lists("Ports", port_list(original), port_list(copy), differences);
  compare_lists("Mounts", mount_list(original), mount_list(copy), differences);
  compare_lists("Networks", network_list(original), network_list(copy), differences);
  compare_lists("HostConfig.Links", link_list(original), link_list(copy), differences);
  compare_lists("HostConfig.NetworkMode", network_mode(text_of(member(host, "NetworkMode"))),
                network_mode(first_network(copy)), differences);
  compare_endpoints(original, copy, differences);
  compare_mac(original, copy, differences);
  return differences;
}

}  // namespace plimsoll
