#include "docker/compose_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.h"
#include "docker/create_spec.h"

namespace plimsoll {
namespace {

constexpr const char* marker_label = "plimsoll.moved-to";
constexpr const char* marker_move_label = "plimsoll.moved-by";
constexpr std::size_t names_max = 256;

std::string label_of(const std::map<std::string, std::string>& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string{} : found->second;
}

/// Services of the same project, from "db:service_healthy:false,cache:service_started:true".
std::set<std::string> services_before(const ContainerInspect& container) {
  std::set<std::string> services;
  const auto value = label_of(container.labels, compose_depends_label);
  for (const auto each : split(value, ',')) {
    const auto name = trim(each.substr(0, each.find(':')));
    if (!name.empty() && services.size() < names_max) services.emplace(name);
  }
  return services;
}

void add_reference(const std::string& mode, std::set<std::string>& references) {
  constexpr std::string_view kind = "container:";
  if (mode.starts_with(kind)) references.insert(mode.substr(kind.size()));
}

template <class Take>
void each_text(const json::value& list, const Take& take) {
  const auto* array = list.if_array();
  if (array == nullptr) return;
  for (const auto& entry : *array) take(text_of(entry));
}

/// Names and ids of other containers that it names.
std::set<std::string> containers_before(const ContainerInspect& container) {
  std::set<std::string> references;
  const auto& host = member(container.document, "HostConfig");
  for (const char* field : {"NetworkMode", "PidMode", "IpcMode"}) {
    add_reference(text_of(member(host, field)), references);
  }
  each_text(member(host, "VolumesFrom"),
            [&](const std::string& text) { references.insert(text.substr(0, text.find(':'))); });
  each_text(member(host, "Links"),
            [&](const std::string& text) { references.insert(parse_link(text).target); });
  const auto& networks = member(member(container.document, "NetworkSettings"), "Networks");
  if (const auto* all = networks.if_object()) {
    for (const auto& entry : *all) {
      each_text(member(entry.value(), "Links"),
                [&](const std::string& text) { references.insert(parse_link(text).target); });
    }
  }
  return references;
}

bool is_named(const ContainerInspect& container, const std::set<std::string>& references) {
  return std::ranges::any_of(references, [&](const std::string& reference) {
    return reference == container.name ||
           (reference.size() >= 12 && container.id.starts_with(reference));
  });
}

/// For each member those that must run before it.
std::vector<std::set<std::size_t>> needs_among(const std::vector<ContainerInspect>& members) {
  std::vector<std::set<std::size_t>> needs(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto services = services_before(members[i]);
    const auto references = containers_before(members[i]);
    const auto project = label_of(members[i].labels, compose_project_label);
    for (std::size_t other = 0; other < members.size(); ++other) {
      if (other == i) continue;
      const bool same_project = label_of(members[other].labels, compose_project_label) == project;
      const auto service = label_of(members[other].labels, compose_service_label);
      if ((same_project && services.contains(service)) || is_named(members[other], references)) {
        needs[i].insert(other);
      }
    }
  }
  return needs;
}

std::vector<std::size_t> oldest_first(const std::vector<ContainerInspect>& members) {
  std::vector<std::size_t> order(members.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Docker writes times as RFC 3339 in UTC: as texts they sort like the times.
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair{members[a].created, members[a].name} <
           std::pair{members[b].created, members[b].name};
  });
  return order;
}

void note(std::map<std::string, UnitParts::Users>& where, const std::string& name,
          std::size_t user) {
  auto& users = where[name];
  if (users.empty() || users.back() != user) users.push_back(user);
}

}  // namespace

std::vector<std::size_t> start_order(const std::vector<ContainerInspect>& members) {
  auto needs = needs_among(members);
  auto waiting = oldest_first(members);
  std::vector<std::size_t> order;
  while (!waiting.empty()) {
    auto next = std::ranges::find_if(waiting, [&](std::size_t i) { return needs[i].empty(); });
    if (next == waiting.end()) next = waiting.begin();
    const std::size_t chosen = *next;
    waiting.erase(next);
    order.push_back(chosen);
    for (auto& each : needs) each.erase(chosen);
  }
  return order;
}

UnitParts unit_parts(const std::vector<ContainerInspect>& members) {
  UnitParts parts;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (const ContainerMount& mount : members[i].mounts) {
      if (mount.type == "volume" && !mount.anonymous) note(parts.volumes, mount.name, i);
      if (mount.type == "bind") note(parts.bind_paths, mount.source, i);
    }
    for (const std::string& name : user_networks(members[i])) note(parts.networks, name, i);
  }
  return parts;
}

json::value make_marker_network(const json::value& network, const std::string& destination,
                                const std::string& move_id) {
  json::object spec;
  spec["CheckDuplicate"] = true;
  spec["Name"] = member(network, "Name");
  spec["Driver"] = "bridge";
  spec["Internal"] = true;
  // Compose prints the name of the option that differs: the only words of ours that it shows.
  spec["Options"] = json::object{{"plimsoll.moved-to-" + destination, "plimsoll show " + move_id}};
  spec["Labels"] = json::object{{marker_label, destination}, {marker_move_label, move_id}};
  return spec;
}

std::string marker_destination(const json::value& network) {
  return text_of(member(member(network, "Labels"), marker_label));
}

bool is_project_network(const json::value& network) {
  return !is_unset(member(member(network, "Labels"), compose_network_label));
}

std::string compose_identity(const std::map<std::string, std::string>& labels) {
  const auto project = label_of(labels, compose_project_label);
  const auto service = label_of(labels, compose_service_label);
  if (project.empty() || service.empty()) return {};
  // A container of `docker-compose run` is nobody's twin.
  if (label_of(labels, "com.docker.compose.oneoff") == "True") return {};
  return fmt::format("{}/{}/{}", project, service, label_of(labels, compose_number_label));
}

}  // namespace plimsoll
