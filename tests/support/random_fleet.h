#pragma once

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "support/fleet_builder.h"

namespace plimsoll::test {

/// Fleets with everything in them that a rule looks at. `%` and not a distribution, so that a seed
/// gives the same fleet everywhere.
class RandomFleet {
 public:
  explicit RandomFleet(std::uint64_t seed) : random_(seed) {}

  FleetSnapshot make() {
    hosts_ = 1 + below(8);
    FleetBuilder fleet;
    for (std::uint64_t i = 0; i < hosts_; ++i) fleet.host(host(i));
    for (std::uint64_t i = below(10); i > 0; --i) {
      fleet.link(any_host(), any_host(), static_cast<double>(below(200)) * 1e6, 0.001);
    }
    for (std::uint64_t i = below(3); i > 0; --i)
      fleet.moved(any_container(), any_host(), any_host(), std::chrono::minutes{below(90)},
                  one_in(2));
    for (std::uint64_t i = below(3); i > 0; --i)
      fleet.under_way(any_container(), any_host(), any_host(),
                      {static_cast<double>(below(100)) / 100, Bytes{below(gib)}, Bytes{below(gib)}},
                      std::chrono::seconds{below(30)});
    return fleet;
  }
  Policy policy() {
    Policy policy;
    policy.scalar = std::array{Scalar::max, Scalar::sum, Scalar::norm}.at(below(3));
    policy.window = std::chrono::seconds{5 + below(60)};
    if (one_in(3)) policy.smoothing = Smoothing::percentile;
    return policy;
  }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(std::uint64_t chance) { return below(chance) == 0; }
  template <class List>
  void shuffle(List& list) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[below(i)]);
  }

 private:
  std::string any_host() { return fmt::format("h{}", below(hosts_)); }
  std::string any_container() { return fmt::format("c{}", below(20)); }

  HostBuilder host(std::uint64_t number) {
    HostBuilder host{fmt::format("h{}", number)};
    const auto percent = [&] { return static_cast<double>(below(100)); };
    host.cores(static_cast<double>(1 + below(8)));
    host.load(one_in(3) ? 85 + percent() / 7 : percent() / 2, percent() * 0.95, percent() / 2);
    if (one_in(12)) host.silent();
    if (one_in(12)) host.drained();
    if (one_in(12)) host.set(&HostState::detailed, false);
    for (std::uint64_t i = below(8); i > 0; --i)
      host.runs(container(fmt::format("c{}{}", number, i)));
    return host;
  }
  ContainerBuilder container(const std::string& name) {
    ContainerBuilder container{name};
    container.cpu(static_cast<double>(below(300)) / 100).memory(below(2 * gib));
    container.image(fmt::format("i{}", below(5)), below(gib)).data(below(gib));
    if (one_in(3)) container.port(static_cast<std::uint16_t>(8000 + below(4)));
    if (one_in(6)) container.label("plimsoll.apart", "x");
    if (one_in(8)) container.label("plimsoll.pin", any_host());
    if (one_in(8)) container.obstacle(&Obstacles::privileged, true);
    if (one_in(12)) container.set(&ContainerState::state, "exited");
    if (one_in(4)) container.label("plimsoll.group", "g");
    if (one_in(20)) container.label("plimsoll.quiet", "daily 00:00-24:00");
    return container;
  }

  std::mt19937_64 random_;
  std::uint64_t hosts_ = 0;
};

/// RandomFleet, every container with a history.
inline FleetSnapshot random_with_samples(RandomFleet& random) {
  FleetSnapshot fleet = random.make();
  for (HostState& each : fleet.hosts) {
    for (ContainerState& container : each.containers) {
      const double top = static_cast<double>(1 + random.below(20'000)) / 10'000;
      for (std::uint64_t i = 1 + random.below(40); i > 0; --i) {
        const double cores = top * static_cast<double>(random.below(10'000)) / 10'000;
        container.samples.push_back(
            {builder_now - static_cast<int>(i - 1) * std::chrono::minutes{1}, cores, Bytes{mib}});
      }
    }
  }
  return fleet;
}

}  // namespace plimsoll::test
