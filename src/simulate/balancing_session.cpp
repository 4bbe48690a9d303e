#include "simulate/balancing_session.h"

#include <fmt/format.h>

#include "simulate/session.h"

namespace plimsoll {
namespace {

Bytes to_bytes(double bytes) { return Bytes{static_cast<std::uint64_t>(bytes)}; }

Duration step_of(const BalancingFleet& fleet) {
  return Duration{static_cast<Duration::rep>(fleet.step_s * 1000)};
}

HostState host_state(const BalancingFleet::Host& host) {
  HostState state;
  state.name = HostId{host.name};
  state.capacity.cpu_cores = host.cpu;
  if (host.memory > 0) state.capacity.memory = to_bytes(host.memory);
  return state;
}

// Names come from outside and may be twice the same; a number in front makes them unique.
ContainerState container_state(const BalancingFleet::Workload& workload, std::size_t number) {
  ContainerState state;
  state.name = ContainerName{fmt::format("{:05}-{}", number, workload.name)};
  state.image = "trace";
  state.image_bytes = Bytes{};
  state.writable_bytes = to_bytes(workload.move_bytes);
  return state;
}

class SessionBalancer : public Balancer {
 public:
  SessionBalancer(const BalancingFleet& fleet, const Policy& policy, const Pace& pace)
      : fleet_(fleet),
        session_(policy, pace, SessionLimits{.explain_max = 0, .step = step_of(fleet)}) {
    for (const auto& host : fleet.hosts) session_.add_host(host_state(host));
    for (std::size_t i = 0; i < fleet.workloads.size(); ++i) {
      const auto& workload = fleet.workloads[i];
      session_.add_container(container_state(workload, i), workload.start);
    }
    use_.containers.resize(fleet.workloads.size());
    use_.hosts.resize(fleet.hosts.size());
  }

  std::vector<Relocation> after(std::size_t step, const WorkloadHosts& placement) override {
    note(step, placement);
    std::vector<Relocation> moves;
    for (const auto& move : session_.step(use_)) moves.push_back({move.container, move.to});
    return moves;
  }

 private:
  void note(std::size_t step, const WorkloadHosts& placement) {
    use_.time = TimePoint{step_of(fleet_) * static_cast<Duration::rep>(step + 1)};
    for (std::size_t h = 0; h < fleet_.hosts.size(); ++h) {
      const auto& other = fleet_.hosts[h].other_cpu;
      use_.hosts[h].cpu.reset();
      if (!other.empty()) use_.hosts[h].cpu = other[step];
    }
    for (std::size_t i = 0; i < placement.size(); ++i) {
      const auto& workload = fleet_.workloads[i];
      const double cpu = workload.cpu(step);
      use_.containers[i] = {cpu, to_bytes(workload.memory_at(step))};
      auto& host = use_.hosts[placement[i]].cpu;
      if (host) *host += cpu;
    }
  }

  const BalancingFleet& fleet_;
  DecideSession session_;
  FleetUse use_;
};

}  // namespace

std::unique_ptr<Balancer> make_session_balancer(const BalancingFleet& fleet, const Policy& policy,
                                                const Pace& pace) {
  return std::make_unique<SessionBalancer>(fleet, policy, pace);
}

}  // namespace plimsoll
