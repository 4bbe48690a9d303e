#include "docker/inspect_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"
#include "docker/create_spec.h"

namespace plimsoll {
namespace {

/// Config.Image is an id in the copy; Hostname may be made of the id; ports are compared apart,
/// since those that Docker chose are asked for by number in the copy.
constexpr std::array config_explained{"Hostname", "Image", "Labels", "MacAddress"};
// ConsoleSize is the size of the terminal that typed `docker run`; Links name the copy itself and
// are compared apart.
constexpr std::array host_explained{"ContainerIDFile", "RestartPolicy", "PortBindings",
                                    "PublishAllPorts", "ConsoleSize",   "Links",
                                    "NetworkMode"};

template <std::size_t N>
bool listed(const std::array<const char*, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
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

template <std::size_t N>
void compare_objects(const char* where, const json::value& original, const json::value& copy,
                     const std::array<const char*, N>& explained,
                     std::vector<std::string>& differences) {
  const auto* fields = original.if_object();
  if (fields == nullptr) return;
  for (const auto& [key, value] : *fields) {
    const std::string_view name{key};
    const auto& other = member(copy, name);
    if (listed(explained, name) || (is_unset(value) && is_unset(other))) continue;
    // An engine that does not know a field leaves it out; one that was set must not get lost.
    if (sorted(value) == sorted(other)) continue;
    differences.push_back(fmt::format("{}.{}: {} here, {} there", where, name, shown(name, value),
                                      shown(name, other)));
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

/// "/dep:/web/alias" as "/dep:alias": the middle is the container's own name.
std::vector<std::string> link_list(const ContainerInspect& container) {
  std::vector<std::string> list;
  const auto* links = member(member(container.document, "HostConfig"), "Links").if_array();
  if (links == nullptr) return list;
  for (const auto& link : *links) {
    const auto text = text_of(link);
    const auto colon = text.find(':');
    const auto slash = text.rfind('/');
    if (colon == std::string::npos || slash == std::string::npos || slash < colon) {
      list.push_back(text);
    } else {
      list.push_back(text.substr(0, colon + 1) + text.substr(slash + 1));
    }
  }
  std::ranges::sort(list);
  return list;
}

/// Newer engines write "bridge" where older ones kept "default".
std::vector<std::string> network_mode(const ContainerInspect& container) {
  return {container.network_mode == "default" ? "bridge" : container.network_mode};
}

void compare_lists(const char* where, const std::vector<std::string>& original,
                   const std::vector<std::string>& copy, std::vector<std::string>& differences) {
  if (original == copy) return;
  differences.push_back(fmt::format("{}: [{}] here, [{}] there", where, fmt::join(original, ", "),
                                    fmt::join(copy, ", ")));
}

std::vector<std::string> network_list(const ContainerInspect& container) {
  std::vector<std::string> list;
  const auto& networks = member(member(container.document, "NetworkSettings"), "Networks");
  if (const auto* fields = networks.if_object()) {
    for (const auto& entry : *fields) list.emplace_back(entry.key());
  }
  std::ranges::sort(list);
  return list;
}

}  // namespace

std::vector<std::string> unexplained_differences(const ContainerInspect& original,
                                                 const ContainerInspect& copy) {
  std::vector<std::string> differences;
  compare_objects("Config", member(original.document, "Config"), member(copy.document, "Config"),
                  config_explained, differences);
  compare_objects("HostConfig", member(original.document, "HostConfig"),
                  member(copy.document, "HostConfig"), host_explained, differences);
  if (original.image_id != copy.image_id) {
    differences.push_back(
        fmt::format("Image: {} here, {} there", original.image_id, copy.image_id));
  }
  if (own_labels(original) != own_labels(copy)) differences.emplace_back("Config.Labels differ");
  compare_lists("Ports", port_list(original), port_list(copy), differences);
  compare_lists("Mounts", mount_list(original), mount_list(copy), differences);
  compare_lists("Networks", network_list(original), network_list(copy), differences);
  compare_lists("HostConfig.Links", link_list(original), link_list(copy), differences);
  compare_lists("HostConfig.NetworkMode", network_mode(original), network_mode(copy), differences);
  return differences;
}

}  // namespace plimsoll
