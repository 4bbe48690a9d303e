#include "orchestrate/docker_facts.h"

#include <algorithm>

#include "core/text.h"

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

/// Our own containers say so themselves, or run our executable.
bool is_plimsoll(const ContainerInspect& container) {
  const auto path = text_of(member(container.document, "Path"));
  return container.labels.contains("plimsoll.self") || path == "plimsoll" ||
         path.ends_with("/plimsoll");
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
