#include "orchestrate/docker_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "docker/container_fields.h"

namespace plimsoll {
namespace {

const json::array& elements(const json::value& value) {
  static const json::array none;
  const auto* array = value.if_array();
  return array == nullptr ? none : *array;
}

bool is_docker_socket(const ContainerMount& mount) {
  return mount.source.ends_with("/docker.sock") || mount.source.ends_with("/podman.sock") ||
         mount.source.ends_with("/containerd.sock");
}

std::vector<std::string> devices_of(const json::value& host) {
  std::vector<std::string> devices;
  for (const auto& device : elements(member(host, "Devices"))) {
    devices.push_back(text_of(member(device, "PathOnHost")));
  }
  for (const auto& request : elements(member(host, "DeviceRequests"))) {
    devices.push_back("device request " + text_of(member(request, "Driver")));
  }
  return devices;
}

/// "registry:5000/team/influxdb:1.8@sha256:…" is "influxdb".
std::string image_base(std::string image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.rfind('/');
  if (slash != std::string::npos) image.erase(0, slash + 1);
  return image.substr(0, image.find(':'));
}

bool runs_plimsoll(const ContainerInspect& container) {
  const auto is_ours = [](const std::string& word) {
    return word == "plimsoll" || word.ends_with("/plimsoll");
  };
  const auto& arguments = elements(member(container.document, "Args"));
  // `tini -- plimsoll up`, `sh -c "exec plimsoll up"`.
  return is_ours(text_of(member(container.document, "Path"))) ||
         std::ranges::any_of(arguments, [&](const json::value& argument) {
           const std::string words = text_of(argument);
           const auto parts = split(words, ' ');
           return std::ranges::any_of(parts, [&](auto part) { return is_ours(std::string{part}); });
         });
}

/// A database that was made for Plimsoll's series: by name, its own or the environment's.
bool is_database_of_plimsoll(const ContainerInspect& container) {
  const std::string base = image_base(container.image);
  if (!base.starts_with("influxdb") && !base.starts_with("victoria")) return false;
  if (container.name.find("plimsoll") != std::string::npos) return true;
  const auto& environment = elements(member(member(container.document, "Config"), "Env"));
  return std::ranges::any_of(environment, [](const json::value& entry) {
    return text_of(entry).ends_with("=telemetrydata");
  });
}

/// Our own containers say so, run our executable or image, or keep our series.
bool is_plimsoll(const ContainerInspect& container) {
  const auto said = container.labels.find("plimsoll.self");
  if (said != container.labels.end()) return said->second != "no";
  return image_base(container.image) == "plimsoll" || runs_plimsoll(container) ||
         is_database_of_plimsoll(container);
}

std::vector<std::string> host_namespaces(const json::value& host) {
  std::vector<std::string> shared;
  if (text_of(member(host, "IpcMode")) == "host") shared.emplace_back("ipc");
  if (text_of(member(host, "UTSMode")) == "host") shared.emplace_back("uts");
  return shared;
}

/// The network of another container is an obstacle of its own.
std::vector<std::string> other_containers(const json::value& host) {
  std::vector<std::string> others;
  for (const auto& [field, option] : {std::pair{"PidMode", "--pid"}, {"IpcMode", "--ipc"}}) {
    const auto mode = text_of(member(host, field));
    if (mode.starts_with("container:")) {
      others.push_back(fmt::format("{} {}", option, mode.substr(0, 22)));
    }
  }
  for (const auto& other : elements(member(host, "VolumesFrom"))) {
    others.push_back("--volumes-from " + text_of(other));
  }
  return others;
}

void sort_mounts(const ContainerInspect& container, Obstacles& obstacles) {
  for (const ContainerMount& mount : container.mounts) {
    if (is_docker_socket(mount)) {
      obstacles.docker_socket = true;
    } else if (mount.type == "bind") {
      obstacles.bind_mounts.push_back(mount.source);
    } else if (mount.type == "volume" && mount.driver != "local") {
      obstacles.foreign_volumes.push_back(mount.name + " (driver " + mount.driver + ")");
    }
  }
}

Obstacles obstacles(const ContainerInspect& container) {
  const auto& host = member(container.document, "HostConfig");
  Obstacles found;
  found.host_network = container.network_mode == "host";
  found.host_pid = text_of(member(host, "PidMode")) == "host";
  found.privileged = is_true(member(host, "Privileged"));
  found.auto_remove = is_true(member(host, "AutoRemove"));
  found.swarm_task = container.labels.contains("com.docker.swarm.task.id");
  found.is_plimsoll = is_plimsoll(container);
  if (container.network_mode.starts_with("container:")) {
    found.network_of = container.network_mode.substr(10, 12);
  }
  found.devices = devices_of(host);
  found.host_namespaces = host_namespaces(host);
  found.other_containers = other_containers(host);
  found.unknown_fields = unknown_container_fields(container.document);
  sort_mounts(container, found);
  return found;
}

std::optional<Bytes> limit_of(const json::value& value) {
  const auto bytes = integer_of(value);
  if (!bytes || *bytes <= 0) return std::nullopt;
  return Bytes{static_cast<std::uint64_t>(*bytes)};
}

std::optional<double> cpu_limit(const json::value& host) {
  const auto nano = integer_of(member(host, "NanoCpus")).value_or(0);
  if (nano > 0) return static_cast<double>(nano) / 1e9;
  const auto quota = integer_of(member(host, "CpuQuota")).value_or(0);
  const auto period = integer_of(member(host, "CpuPeriod")).value_or(0);
  if (quota <= 0) return std::nullopt;
  return static_cast<double>(quota) / static_cast<double>(period > 0 ? period : 100'000);
}

/// Only what policies look at: other labels may be secrets.
std::map<std::string, std::string> policy_labels(const std::map<std::string, std::string>& all) {
  std::map<std::string, std::string> kept;
  for (const auto& [name, value] : all) {
    if (name.starts_with("plimsoll.") || name.starts_with("com.docker.compose.")) {
      kept.emplace(name, value);
    }
  }
  return kept;
}

std::vector<Layer> layers_of(const ImageInspect& image) {
  std::vector<Layer> layers;
  for (const auto chain : chain_ids(image.diff_ids)) layers.push_back({chain, std::nullopt});
  return layers;
}

}  // namespace

std::vector<PublishedPort> published_ports(const ContainerInspect& container) {
  std::vector<PublishedPort> ports;
  for (const PortBinding& binding : container.ports) {
    PublishedPort port;
    port.port = binding.host_port;
    if (binding.container_port.ends_with("/udp")) port.protocol = Protocol::udp;
    if (binding.container_port.ends_with("/sctp")) port.protocol = Protocol::sctp;
    const bool any = binding.host_address == "0.0.0.0" || binding.host_address == "::";
    port.address = any ? std::string{} : binding.host_address;
    if (std::ranges::find(ports, port) == ports.end()) ports.push_back(std::move(port));
  }
  return ports;
}

void add_layer_sizes(const std::vector<Bytes>& sizes, std::vector<Layer>& layers) {
  if (sizes.size() != layers.size()) return;
  for (std::size_t i = 0; i < layers.size(); ++i) layers[i].bytes = sizes[i];
}

ContainerState container_state(const ContainerInspect& container, const ImageInspect* image,
                               const ContainerState* measured) {
  const auto& host = member(container.document, "HostConfig");
  ContainerState state;
  if (measured != nullptr) state = *measured;
  state.name = ContainerName{container.name};
  state.id = container.id;
  state.image = container.image;
  state.image_id = container.image_id;
  state.state = container.state;
  state.labels = policy_labels(container.labels);
  state.cpu_limit_cores = cpu_limit(host);
  state.memory_limit = limit_of(member(host, "Memory"));
  state.memory_reservation = limit_of(member(host, "MemoryReservation"));
  state.ports = published_ports(container);
  state.obstacles = obstacles(container);
  if (image != nullptr) {
    state.architecture = image->architecture;
    state.image_bytes = image->size;
    state.layers = layers_of(*image);
  }
  return state;
}

}  // namespace plimsoll
