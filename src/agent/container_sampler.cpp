#include "agent/container_sampler.h"

#include <fmt/format.h>

#include <utility>

#include "agent/proc_devices.h"

namespace plimsoll {
namespace {

using std::chrono::nanoseconds;

ContainerReading described(const DockerContainer& docker) {
  ContainerReading out;
  out.id = docker.id;
  out.name = docker.name;
  out.image = docker.image;
  out.image_id = docker.image_id;
  out.state = docker.state;
  out.health = docker.health;
  out.restarts = docker.restarts;
  out.labels = docker.labels;
  out.cpu_limit_cores = docker.cpu_limit_cores;
  out.memory_limit = docker.memory_limit;
  out.image_bytes = docker.image_bytes;
  return out;
}

void put_levels(const CgroupUse& use, ContainerReading& out) {
  out.cpu_ns = use.cpu_ns;
  out.memory_usage = use.memory_usage;
  out.memory_working_set = use.memory_working_set;
  out.pressure = use.pressure;
}

void put_rates(const CgroupUse& before, const CgroupUse& now, nanoseconds interval,
               double host_cores, ContainerReading& out) {
  if (const auto ns_per_s = rate(before.cpu_ns, now.cpu_ns, interval)) {
    out.cpu_cores = trimmed(*ns_per_s / 1e9);
    if (host_cores > 0) out.cpu_percent = trimmed(*ns_per_s / 1e7 / host_cores);
  }
  const auto periods = growth(before.periods, now.periods);
  const auto throttled = growth(before.throttled_periods, now.throttled_periods);
  if (periods && throttled && *periods > 0) {
    const double share = static_cast<double>(*throttled) / static_cast<double>(*periods);
    out.throttled_percent = trimmed(std::min(share, 1.0) * 100.0);
  }
  if (!before.block || !now.block) return;
  out.block_read_bytes_per_s = rate(before.block->read, now.block->read, interval);
  out.block_write_bytes_per_s = rate(before.block->written, now.block->written, interval);
}

bool mentions(const CgroupPaths& paths, std::string_view id) {
  const auto in = [&](const std::string& path) { return path.find(id) != std::string::npos; };
  return in(paths.cpuacct) || in(paths.memory) || in(paths.unified) || in(paths.cpu);
}

}  // namespace

void ContainerSampler::find(const CgroupTree& tree, const DockerContainer& container,
                            Track& track) const {
  track.paths = tree.of_process(container.pid);
  // The engine may count processes in another namespace; then that number is somebody else's here.
  track.pid_is_its_own = mentions(track.paths, container.id);
  if (!track.pid_is_its_own) {
    track.paths = tree.of_container(container.id, container.cgroup_parent);
  }
}

std::optional<ContainerSampler::Network> ContainerSampler::read_network(int pid) const {
  const auto text = fs_.try_read(fmt::format("/proc/{}/net/dev", pid));
  if (!text) return std::nullopt;
  Network sum;
  for (const auto& nic : parse_net_dev(*text)) {
    if (nic.name == "lo") continue;
    sum.rx_bytes += nic.rx_bytes;
    sum.tx_bytes += nic.tx_bytes;
  }
  return sum;
}

void ContainerSampler::put_network(Track& track, nanoseconds interval,
                                   ContainerReading& out) const {
  const auto before = std::exchange(track.network, read_network(track.pid));
  if (!track.network) return;
  out.network_rx_bytes = track.network->rx_bytes;
  out.network_tx_bytes = track.network->tx_bytes;
  if (!before) return;
  out.network_rx_bytes_per_s = rate(before->rx_bytes, track.network->rx_bytes, interval);
  out.network_tx_bytes_per_s = rate(before->tx_bytes, track.network->tx_bytes, interval);
}

/// What is remembered of this run of the container; another process is another run.
ContainerSampler::Track ContainerSampler::track_of(const CgroupTree& tree,
                                                   const DockerContainer& container) {
  Track track;
  const auto old = tracks_.find(container.id);
  if (old != tracks_.end() && old->second.pid == container.pid) track = std::move(old->second);
  track.pid = container.pid;
  if (track.paths.empty()) find(tree, container, track);
  return track;
}

std::vector<ContainerReading> ContainerSampler::sample(const CgroupTree& tree,
                                                       const DockerView& docker, double host_cores,
                                                       Monotonic now) {
  std::vector<ContainerReading> list;
  list.reserve(docker.containers.size());
  std::map<std::string, Track> current;
  for (const auto& container : docker.containers) {
    ContainerReading& out = list.emplace_back(described(container));
    if (container.pid == 0) continue;
    Track track = track_of(tree, container);
    const CgroupUse use = tree.use(track.paths);
    put_levels(use, out);
    const nanoseconds interval = track.at ? now - *track.at : nanoseconds{0};
    if (track.at) put_rates(track.use, use, interval, host_cores, out);
    if (container.own_network && track.pid_is_its_own) put_network(track, interval, out);
    track.use = use;
    track.at = now;
    current.emplace(container.id, std::move(track));
  }
  tracks_ = std::move(current);
  return list;
}

}  // namespace plimsoll
