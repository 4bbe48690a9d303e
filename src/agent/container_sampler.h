#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cgroup_reader.h"
#include "agent/cgroup_tree.h"
#include "agent/docker_view.h"
#include "agent/rate.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// What the engine says of the container, into a reading of it; its figures stay.
void describe(const DockerContainer& container, ContainerReading& out);

/// Brings the containers of a sample up to what the engine has said since: new ones come without
/// figures, removed ones go, a container that ended or began anew loses its figures.
void follow(const DockerView& docker, HostReading& out);

/// Figures of the containers of a DockerView, out of their cgroups and network namespaces.
class ContainerSampler {
 public:
  ContainerSampler(HostFs fs, OpenFiles& open_files)
      : fs_(std::move(fs)), open_files_(&open_files) {}

  struct Containers {
    std::vector<ContainerReading> readings;
    std::vector<ContainerCounters> counters;  ///< Of those that run, in the order of the view.
    std::size_t unseen = 0;                   ///< How many run whose cgroup is not to be found.
  };
  /// `host_cores`: what cpu_percent is a share of. The first call for a container, and the first
  /// after its restart, gives levels but no rates.
  [[nodiscard]] Containers sample(const CgroupTree& tree, const DockerView& docker,
                                  double host_cores, Monotonic now, ReadBuffer& buffer);

  /// The view of a host without an engine: the containers of which there is a cgroup below `scope`
  /// ("" - anywhere), by their ids. They come and go within ten seconds.
  [[nodiscard]] DockerView view_by_cgroups(const CgroupTree& tree, std::string_view scope,
                                           Monotonic now);

 private:
  struct Network {
    std::uint64_t rx_bytes = 0, tx_bytes = 0;
  };
  /// What is remembered of one run of a container.
  struct Track {
    int pid = 0;
    bool found = false;
    std::optional<Monotonic> looked_at;  ///< When its cgroup was last looked for.
    CgroupReader cgroup;
    KeptFile net_dev;  ///< Of its own namespace; no file where it has none.
    std::optional<Monotonic> at;
    CgroupUse use;
    std::optional<Network> network;
  };

  [[nodiscard]] Track track_of(const CgroupTree& tree, const DockerContainer& container,
                               Monotonic now);
  void find(const CgroupTree& tree, const DockerContainer& container, Monotonic now, Track& track);
  [[nodiscard]] CgroupPaths search(const CgroupTree& tree, const std::string& id, Monotonic now);
  void search_seldom(const CgroupTree& tree, Monotonic now);
  void put_network(Track& track, std::chrono::nanoseconds interval, ReadBuffer& buffer,
                   ContainerReading& out) const;

  HostFs fs_;
  OpenFiles* open_files_;
  std::map<std::string, Track> tracks_;
  std::map<std::string, std::string, std::less<>> places_;  ///< Of the last search.
  std::optional<Monotonic> searched_at_;
};

}  // namespace plimsoll
