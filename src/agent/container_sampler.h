#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/cgroup_tree.h"
#include "agent/docker_view.h"
#include "agent/rate.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// Figures of the containers of a DockerView, out of their cgroups and network namespaces.
class ContainerSampler {
 public:
  explicit ContainerSampler(HostFs fs) : fs_(std::move(fs)) {}

  /// `host_cores`: what cpu_percent is a share of. The first call for a container, and the first
  /// after its restart, gives levels but no rates.
  [[nodiscard]] std::vector<ContainerReading> sample(const CgroupTree& tree,
                                                     const DockerView& docker, double host_cores,
                                                     Monotonic now);

 private:
  struct Network {
    std::uint64_t rx_bytes = 0, tx_bytes = 0;
  };
  struct Track {
    int pid = 0;
    CgroupPaths paths;
    bool pid_is_its_own = false;  ///< The process of that number here is the container's.
    std::optional<Monotonic> at;
    CgroupUse use;
    std::optional<Network> network;
  };

  void find(const CgroupTree& tree, const DockerContainer& container, Track& track) const;
  void put_network(Track& track, std::chrono::nanoseconds interval, ContainerReading& out) const;
  [[nodiscard]] Track track_of(const CgroupTree& tree, const DockerContainer& container);
  [[nodiscard]] std::optional<Network> read_network(int pid) const;

  HostFs fs_;
  std::map<std::string, Track> tracks_;
};

}  // namespace plimsoll
