#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "decide/decide.h"
#include "support/fleet_builder.h"

namespace plimsoll::test {

/// A fleet that lives: containers follow load curves, decide() is asked every 5 s, its moves take
/// ten seconds and the containers' load goes with them. Hosts have 4 cores and nothing but
/// containers on them.
class FleetStory {
 public:
  /// CPU cores wanted at a time since the start.
  using Curve = std::function<double(std::chrono::seconds)>;

  struct Done {
    std::chrono::seconds at;
    Move move;
  };

  FleetStory& host(const std::string& name) {
    HostState host = HostBuilder(name);
    host.samples.clear();
    fleet_.hosts.push_back(std::move(host));
    return *this;
  }
  FleetStory& runs(const std::string& host, const ContainerState& container, Curve curve) {
    curves_[container.name] = std::move(curve);
    named(HostId{host}).containers.push_back(container);
    return *this;
  }
  FleetStory& runs(const std::string& host, const std::string& container, double cores) {
    return runs(host, ContainerBuilder(container), [cores](auto) { return cores; });
  }
  /// From now on moves of any container to this host fail after their ten seconds.
  FleetStory& refuses(const std::string& host) {
    refusing_ = HostId{host};
    return *this;
  }
  FleetStory& with(const Policy& policy) {
    policy_ = policy;
    return *this;
  }

  FleetStory& live(std::chrono::seconds duration) {
    for (const auto end = clock_ + duration; clock_ < end; clock_ += std::chrono::seconds{5})
      step();
    return *this;
  }

  /// Moves that were begun, in their order.
  [[nodiscard]] const std::vector<Done>& moves() const { return done_; }
  [[nodiscard]] double cpu(const std::string& host) {
    return named(HostId{host}).samples.back().used.cpu.value_or(-1);
  }
  [[nodiscard]] std::string place_of(const std::string& container) const {
    for (const HostState& host : fleet_.hosts) {
      for (const ContainerState& each : host.containers) {
        if (each.name.str() == container) return host.name.str();
      }
    }
    return "nowhere";
  }

 private:
  HostState& named(const HostId& name) {
    return *std::find_if(fleet_.hosts.begin(), fleet_.hosts.end(),
                         [&](const HostState& host) { return host.name == name; });
  }
  [[nodiscard]] TimePoint now() const { return builder_now + clock_; }

  void step() {
    for (HostState& host : fleet_.hosts) sample(host);
    finish_moves();
    for (const Move& move : decide(fleet_, policy_, now()).moves) begin(move);
  }

  void sample(HostState& host) {
    double cores = 0;
    for (ContainerState& container : host.containers) {
      container.cpu_cores = curves_.at(container.name)(clock_);
      cores += *container.cpu_cores;
    }
    host.samples.push_back({now(), {std::min(100.0, cores / 4 * 100), 30, 40, {}}});
    host.last_seen = now();
  }

  void begin(const Move& move) {
    done_.push_back({clock_, move});
    fleet_.under_way.push_back(
        {move.container, move.from, move.to, move.demand, move.ports, now()});
  }

  void finish_moves() {
    const auto landed = [&](const MoveUnderWay& move) {
      return now() - move.started >= std::chrono::seconds{10};
    };
    for (const MoveUnderWay& move : fleet_.under_way) {
      if (landed(move)) finish(move);
    }
    std::erase_if(fleet_.under_way, landed);
  }

  void finish(const MoveUnderWay& move) {
    const bool succeeded = move.to != refusing_;
    fleet_.past.push_back({move.container, move.from, move.to, move.started, now(), succeeded});
    if (!succeeded) return;
    auto& from = named(move.from).containers;
    const auto found = std::find_if(from.begin(), from.end(), [&](const ContainerState& each) {
      return each.name == move.container;
    });
    named(move.to).containers.push_back(*found);
    from.erase(found);
  }

  FleetSnapshot fleet_;
  std::map<ContainerName, Curve> curves_;
  HostId refusing_;
  Policy policy_;
  std::chrono::seconds clock_{0};
  std::vector<Done> done_;
};

}  // namespace plimsoll::test
