#include "agent/container_sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/proc_devices.h"

namespace plimsoll {
namespace {

using std::chrono::nanoseconds;

/// A search walks a whole tree, and those that are not in it stay away for long.
constexpr std::chrono::seconds search_every{10};
/// As `docker ps` shows them.
constexpr std::size_t short_id_digits = 12;

void put_levels(const CgroupUse& use, ContainerReading& out) {
  out.cpu_ns = use.cpu_ns;
  out.memory_usage = use.memory_usage;
  out.memory_working_set = use.memory_working_set;
  out.memory_cache = use.memory_cache;
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

ContainerCounters counters_of(const std::string& id, const CgroupUse& use) {
  ContainerCounters out;
  out.id = id;
  out.periods = use.periods;
  out.throttled_periods = use.throttled_periods;
  out.throttled_ns = use.throttled_ns;
  out.memory_anonymous = use.memory_anonymous;
  out.oom_kills = use.oom_kills;
  if (use.block) out.block_read_bytes = use.block->read;
  if (use.block) out.block_written_bytes = use.block->written;
  out.pressure = use.pressure_totals;
  return out;
}

}  // namespace

void describe(const DockerContainer& container, ContainerReading& out) {
  out.id = container.id;
  out.name = container.name;
  out.image = container.image;
  out.image_id = container.image_id;
  out.state = container.state;
  out.health = container.health;
  out.restarts = container.restarts;
  out.started_at = container.started_at;
  out.labels = container.labels;
  out.mounts = container.mounts;
  out.cpu_limit_cores = container.cpu_limit_cores;
  out.memory_limit = container.memory_limit;
  out.image_bytes = container.image_bytes;
  out.writable_bytes = container.writable_bytes;
}

void follow(const DockerView& docker, HostReading& out) {
  if (docker.is_blind) return;
  std::vector<ContainerReading> before = std::exchange(out.containers, {});
  out.containers.reserve(docker.containers.size());
  for (const auto& container : docker.containers) {
    ContainerReading& now = out.containers.emplace_back();
    const auto old = std::ranges::find(before, container.id, &ContainerReading::id);
    const bool same_run =
        old != before.end() && container.runs() && old->started_at == container.started_at;
    if (same_run) now = std::move(*old);
    describe(container, now);
  }
}

void ContainerSampler::search_seldom(const CgroupTree& tree, Monotonic now) {
  if (searched_at_ && now - *searched_at_ < search_every) return;
  searched_at_ = now;
  places_ = tree.search();
}

DockerView ContainerSampler::view_by_cgroups(const CgroupTree& tree, std::string_view scope,
                                             Monotonic now) {
  search_seldom(tree, now);
  DockerView view;
  view.is_blind = true;
  for (const auto& [id, path] : places_) {
    const bool inside = path.starts_with(scope) && path.substr(scope.size()).starts_with('/');
    if (!inside) continue;
    DockerContainer& container = view.containers.emplace_back();
    container.id = id;
    container.name = id.substr(0, short_id_digits);
    container.state = "running";
    container.is_bare = true;
  }
  return view;
}

CgroupPaths ContainerSampler::search(const CgroupTree& tree, const std::string& id, Monotonic now) {
  search_seldom(tree, now);
  const auto place = places_.find(id);
  return place == places_.end() ? CgroupPaths{} : tree.named(place->second);
}

void ContainerSampler::find(const CgroupTree& tree, const DockerContainer& container, Monotonic now,
                            Track& track) {
  track.looked_at = now;
  const std::string text =
      container.pid == 0 ? ""
                         : fs_.try_read(fmt::format("/proc/{}/cgroup", container.pid)).value_or("");
  CgroupPaths paths = tree.of_process(text, container.id);
  if (paths.empty()) paths = tree.of_container(container.id, container.cgroup_parent);
  if (paths.empty()) paths = search(tree, container.id, now);
  track.found = !paths.empty();
  track.cgroup = CgroupReader{fs_, paths, tree.layout(), *open_files_};
  // The engine may count processes in another namespace; then that number is somebody else's here.
  if (!container.own_network || text.find(container.id) == std::string::npos) return;
  track.net_dev = KeptFile{fs_.at(fmt::format("/proc/{}/net/dev", container.pid)), *open_files_};
}

void ContainerSampler::put_network(Track& track, nanoseconds interval, ReadBuffer& buffer,
                                   ContainerReading& out) const {
  const auto before = std::exchange(track.network, std::nullopt);
  const auto text = track.net_dev.read(buffer);
  if (!text) return;
  Network sum;
  const auto outward = [](const std::string& name) { return !is_inner_nic(name); };
  for (const auto& nic : parse_net_dev(*text, outward)) {
    sum.rx_bytes += nic.figures[nic_figure::rx_bytes];
    sum.tx_bytes += nic.figures[nic_figure::tx_bytes];
  }
  track.network = sum;
  out.network_rx_bytes = sum.rx_bytes;
  out.network_tx_bytes = sum.tx_bytes;
  if (!before) return;
  out.network_rx_bytes_per_s = rate(before->rx_bytes, sum.rx_bytes, interval);
  out.network_tx_bytes_per_s = rate(before->tx_bytes, sum.tx_bytes, interval);
}

/// What is remembered of this run of the container; another process is another run.
ContainerSampler::Track ContainerSampler::track_of(const CgroupTree& tree,
                                                   const DockerContainer& container,
                                                   Monotonic now) {
  Track track;
  const auto old = tracks_.find(container.id);
  if (old != tracks_.end() && old->second.pid == container.pid) track = std::move(old->second);
  track.pid = container.pid;
  const bool looked_lately = track.looked_at && now - *track.looked_at < search_every;
  if (!track.found && !looked_lately) find(tree, container, now, track);
  return track;
}

ContainerSampler::Containers ContainerSampler::sample(const CgroupTree& tree,
                                                      const DockerView& docker, double host_cores,
                                                      Monotonic now, ReadBuffer& buffer) {
  Containers all;
  all.readings.reserve(docker.containers.size());
  std::map<std::string, Track> current;
  for (const auto& container : docker.containers) {
    ContainerReading& out = all.readings.emplace_back();
    describe(container, out);
    if (!container.runs()) continue;
    Track track = track_of(tree, container, now);
    const CgroupUse use = track.cgroup.read(buffer);
    if (use.empty()) {
      // It ended, and the engine has not said so yet: looked for at once. Or it is not to be found.
      if (track.found && track.looked_at != now) continue;
      track.found = false;
      ++all.unseen;
      current.emplace(container.id, std::move(track));
      continue;
    }
    put_levels(use, out);
    all.counters.push_back(counters_of(container.id, use));
    const nanoseconds interval = track.at ? now - *track.at : nanoseconds{0};
    if (track.at) put_rates(track.use, use, interval, host_cores, out);
    put_network(track, interval, buffer, out);
    track.use = use;
    track.at = now;
    current.emplace(container.id, std::move(track));
  }
  tracks_ = std::move(current);
  return all;
}

}  // namespace plimsoll
