#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "simulate/session.h"

namespace plimsoll::test {

/// What one seed makes: a fleet with everything a rule looks at, and a load for each step. `%` and
/// not a distribution, so that a seed gives the same everywhere.
class Voyage {
 public:
  explicit Voyage(std::uint64_t seed) : random_(seed) {
    for (std::uint64_t i = 1 + below(8); i > 0; --i) add_host();
    for (std::uint64_t i = below(5 * hosts.size() + 1); i > 0; --i) add_container();
  }

  struct Container {
    ContainerState state;
    std::size_t host = 0;
    double base = 0;  ///< Its usual CPU.
    Bytes memory{};
  };

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t chance) { return below(chance) == 0; }
  double share() { return static_cast<double>(below(1000)) / 1000; }

  /// The use of all containers in the next step: around the usual, now and then far above it.
  std::vector<ContainerUse> next_load() {
    std::vector<ContainerUse> use;
    for (const Container& container : containers) {
      const double swing = one_in(12) ? 3 : 0.5 + share();
      use.push_back({container.base * swing, container.memory});
    }
    return use;
  }
  [[nodiscard]] std::vector<ContainerUse> usual_load() const {
    std::vector<ContainerUse> use;
    for (const Container& container : containers) use.push_back({container.base, container.memory});
    return use;
  }

  std::vector<HostState> hosts;
  std::vector<Container> containers;

 private:
  void add_host() {
    HostState host;
    host.name = HostId{fmt::format("h{:02}", hosts.size())};
    host.capacity.cpu_cores = static_cast<double>(4 + below(12));
    host.capacity.memory = Bytes{(4 + below(12)) * gib};
    host.architecture = one_in(8) ? "arm64" : "amd64";
    host.drained = one_in(15);
    host.labels["disk"] = one_in(2) ? "ssd" : "hdd";
    hosts.push_back(std::move(host));
  }
  void add_container() {
    Container container;
    ContainerState& state = container.state;
    state.name = ContainerName{fmt::format("c{:03}", containers.size())};
    state.image_bytes = Bytes{};
    state.writable_bytes = Bytes{below(gib)};
    if (one_in(3)) state.architecture = "amd64";
    if (one_in(4)) state.ports.push_back({static_cast<std::uint16_t>(80 + below(3)), {}, {}});
    if (one_in(6)) state.labels["plimsoll.apart"] = fmt::format("apart{}", below(3));
    if (one_in(12)) state.labels["plimsoll.pin"] = one_in(2) ? "disk=ssd" : "h00";
    if (one_in(12)) state.labels["plimsoll.move"] = "never";
    if (one_in(6)) state.cpu_limit_cores = static_cast<double>(2 + below(12));
    if (one_in(6)) state.memory_limit = Bytes{(1 + below(8)) * gib};
    container.base = share() * 2.5;
    container.memory = Bytes{below(2 * gib)};
    // Half of all stand on the first hosts, so that there is something to do.
    container.host =
        one_in(2) ? below(std::min<std::size_t>(2, hosts.size())) : below(hosts.size());
    containers.push_back(std::move(container));
  }

  std::mt19937_64 random_;
};

}  // namespace plimsoll::test
