#include "simulate/scenario_safety.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace plimsoll {
namespace {

const HostState* find(const FleetSnapshot& fleet, const HostId& name) {
  const auto found = std::find_if(fleet.hosts.begin(), fleet.hosts.end(),
                                  [&](const HostState& host) { return host.name == name; });
  return found == fleet.hosts.end() ? nullptr : &*found;
}

const ContainerState* find(const HostState& host, const ContainerName& name) {
  const auto found =
      std::find_if(host.containers.begin(), host.containers.end(),
                   [&](const ContainerState& container) { return container.name == name; });
  return found == host.containers.end() ? nullptr : &*found;
}

std::string label_of(const ContainerState& container, const char* key) {
  const auto found = container.labels.find(key);
  return found == container.labels.end() ? "" : found->second;
}

/// All that runs there, or is on its way there, but for the one that `move` brings.
std::vector<const ContainerState*> company(const FleetSnapshot& fleet, const HostState& host,
                                           const std::vector<Move>& under_way, const Move& move) {
  std::vector<const ContainerState*> all;
  for (const ContainerState& container : host.containers) {
    if (container.state == "running") all.push_back(&container);
  }
  for (const Move& other : under_way) {
    const bool itself = other.container == move.container && other.from == move.from;
    const HostState* from = !itself && other.to == host.name ? find(fleet, other.from) : nullptr;
    const ContainerState* container = from ? find(*from, other.container) : nullptr;
    if (container) all.push_back(container);
  }
  return all;
}

class Watch {
 public:
  Watch(const Move& move, const FleetSnapshot& fleet, const std::vector<Move>& under_way,
        const Policy& policy, TimePoint now)
      : move_(move), fleet_(fleet), under_way_(under_way), policy_(policy), now_(now) {}

  std::vector<std::string> look() {
    const HostState* from = find(fleet_, move_.from);
    const HostState* to = find(fleet_, move_.to);
    const ContainerState* container = from ? find(*from, move_.container) : nullptr;
    note(!from || !to || !container, "what is moved, or where to, does not exist");
    if (!from || !to || !container) return std::move(broken_);
    judge_container(*container);
    judge_destination(*container, *to);
    judge_company(*container, *to);
    // What a person asked for, a drain, does not wait.
    if (from->drained) return std::move(broken_);
    judge_limits();
    judge_past();
    return std::move(broken_);
  }

 private:
  void note(bool applies, const std::string& what) {
    if (!applies) return;
    broken_.push_back(fmt::format("move of '{}' from {} to {}: {}", move_.container.str(),
                                  move_.from.str(), move_.to.str(), what));
  }

  void judge_container(const ContainerState& container) {
    const Obstacles& has = container.obstacles;
    const std::string label = label_of(container, "plimsoll.move");
    note(!label.empty() && label != "auto" && label != "ask", "its owner said never");
    note(container.state != "running", "it does not run");
    if (!label_of(container, "plimsoll.allow").empty()) return;
    note(has.privileged || has.host_network || has.host_pid || has.docker_socket ||
             !has.devices.empty() || !has.foreign_volumes.empty(),
         "it cannot be moved safely");
    note(has.auto_remove || has.swarm_task || has.is_plimsoll, "it is not ours to move");
  }

  void judge_destination(const ContainerState& container, const HostState& to) {
    note(!to.up, "the destination does not answer");
    note(to.drained, "the destination is drained");
    note(!to.detailed, "the destination's engine was not read");
    note(container.architecture != to.architecture, "the destination is of another architecture");
    const std::string pin = label_of(container, "plimsoll.pin");
    const bool by_label = pin.find('=') != std::string::npos;
    note(!pin.empty() && !by_label && pin != to.name.str(), "it is pinned elsewhere");
    note(move_.from == move_.to, "it stays where it is");
  }

  void judge_company(const ContainerState& container, const HostState& to) {
    const std::string apart = label_of(container, "plimsoll.apart");
    for (const ContainerState* other : company(fleet_, to, under_way_, move_)) {
      note(!apart.empty() && label_of(*other, "plimsoll.apart") == apart,
           "it meets '" + other->name.str() + "', from which it is kept apart");
      note(other->name == container.name, "the name is taken");
      for (const PublishedPort& port : container.ports) {
        const auto same = [&](const PublishedPort& taken) {
          return taken.port == port.port && taken.protocol == port.protocol;
        };
        note(std::any_of(other->ports.begin(), other->ports.end(), same),
             fmt::format("port {} is taken by '{}'", port.port, other->name.str()));
      }
    }
  }

  void judge_limits() {
    note(std::cmp_greater(under_way_.size(), policy_.moves_in_fleet), "too many moves at once");
    for (const HostId* host : {&move_.from, &move_.to}) {
      const auto part = std::count_if(under_way_.begin(), under_way_.end(), [&](const Move& other) {
        return other.from == *host || other.to == *host;
      });
      note(part > policy_.moves_per_host, "too many moves at once of " + host->str());
    }
  }

  void judge_past() {
    for (const PastMove& past : fleet_.past) {
      if (past.container != move_.container) continue;
      const Duration ago = now_ - past.finished;
      const bool here = move_.from == (past.succeeded ? past.to : past.from);
      note(here && ago < policy_.container_cooldown, "it was moved, or tried, not long ago");
      note(past.succeeded && past.from == move_.to && ago < policy_.return_after,
           "it goes back to where it came from");
    }
  }

  const Move& move_;
  const FleetSnapshot& fleet_;
  const std::vector<Move>& under_way_;
  const Policy& policy_;
  TimePoint now_;
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> unsafe(const Move& move, const FleetSnapshot& fleet,
                                const std::vector<Move>& under_way, const Policy& policy,
                                TimePoint now) {
  return Watch{move, fleet, under_way, policy, now}.look();
}

}  // namespace plimsoll
