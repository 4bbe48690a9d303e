#include "simulate/baseline.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace plimsoll {
namespace {

// Sums of a few hundred terms: what is equal on paper counts as equal.
constexpr double rounding = 1e-9;

/// What a workload is expected to use in the next step.
struct Forecast {
  double mean = 0;
  double variance = 0;
  double memory = 0;
};

/// What is expected on a host.
struct HostForecast {
  double mean = 0;
  double variance = 0;
  double memory = 0;

  void add(const Forecast& one, double sign) {
    mean += sign * one.mean;
    variance += sign * one.variance;
    memory += sign * one.memory;
  }
};

class BaselineBalancer : public Balancer {
 public:
  BaselineBalancer(const BalancingFleet& fleet, BaselineRule rule);
  std::vector<Relocation> after(std::size_t step, const WorkloadHosts& placement) override;

 private:
  [[nodiscard]] Forecast forecast(std::size_t workload, std::size_t step) const;
  void look(std::size_t step, const WorkloadHosts& placement);
  [[nodiscard]] double load(const HostForecast& host) const;
  [[nodiscard]] double share(std::size_t host) const;
  [[nodiscard]] double excess(std::size_t host) const;
  [[nodiscard]] std::vector<std::size_t> fullest_first() const;
  [[nodiscard]] double relief(std::size_t host, std::size_t workload) const;
  [[nodiscard]] std::vector<std::size_t> best_first(std::size_t host, std::size_t step) const;
  [[nodiscard]] std::optional<std::size_t> destination(std::size_t from,
                                                       std::size_t workload) const;
  [[nodiscard]] bool relieve_once(std::size_t host, std::size_t step);
  void move(std::size_t workload, std::size_t from, std::size_t to);

  const BalancingFleet& fleet_;
  BaselineRule rule_;
  std::vector<std::vector<std::size_t>> residents_;  // by host, in the order in which they came
  std::vector<std::optional<std::size_t>> moved_at_;
  std::vector<Forecast> workloads_;
  std::vector<HostForecast> hosts_;
  std::vector<Relocation> moves_;
};

BaselineBalancer::BaselineBalancer(const BalancingFleet& fleet, BaselineRule rule)
    : fleet_(fleet),
      rule_(std::move(rule)),
      residents_(fleet.hosts.size()),
      moved_at_(fleet.workloads.size()),
      workloads_(fleet.workloads.size()) {
  for (std::size_t i = 0; i < fleet.workloads.size(); ++i) {
    residents_[fleet.workloads[i].start].push_back(i);
  }
}

// The order of the operations is part of it: ties are decided by the last bit.
Forecast BaselineBalancer::forecast(std::size_t workload, std::size_t step) const {
  const auto& of = fleet_.workloads[workload];
  if (rule_.expectation == Expectation::next) step = std::min(step + 1, fleet_.steps - 1);
  const auto window = [&](std::size_t samples) { return std::min(samples, step + 1); };
  const auto mean_of = [&](std::size_t samples) {
    double sum = 0;
    for (std::size_t at = step + 1 - samples; at <= step; ++at) sum += of.share[at];
    return sum / static_cast<double>(samples);
  };
  Forecast known;
  known.mean = mean_of(window(rule_.mean_samples)) * of.cpu_size;
  known.memory = of.memory_at(step);
  const std::size_t spread = window(rule_.spread_samples);
  if (spread < 2) return known;
  const double mean = mean_of(spread);
  double squares = 0;
  for (std::size_t at = step + 1 - spread; at <= step; ++at) {
    squares += (of.share[at] - mean) * (of.share[at] - mean);
  }
  known.variance = squares / static_cast<double>(spread - 1) * of.cpu_size * of.cpu_size;
  return known;
}

void BaselineBalancer::look(std::size_t step, const WorkloadHosts& placement) {
  hosts_.assign(fleet_.hosts.size(), {});
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    workloads_[i] = forecast(i, step);
    hosts_[placement[i]].add(workloads_[i], 1);
  }
  for (std::size_t h = 0; h < hosts_.size(); ++h) {
    const auto& other = fleet_.hosts[h].other_cpu;
    if (!other.empty()) hosts_[h].mean += other[step];
  }
}

double BaselineBalancer::load(const HostForecast& host) const {
  return host.mean + rule_.deviations * std::sqrt(std::max(host.variance, 0.0));
}

double BaselineBalancer::share(std::size_t host) const {
  return load(hosts_[host]) / fleet_.hosts[host].cpu;
}

double BaselineBalancer::excess(std::size_t host) const {
  return load(hosts_[host]) - rule_.line * fleet_.hosts[host].cpu;
}

std::vector<std::size_t> BaselineBalancer::fullest_first() const {
  std::vector<std::size_t> full;
  for (std::size_t h = 0; h < hosts_.size(); ++h) {
    if (excess(h) > rounding) full.push_back(h);
  }
  std::sort(full.begin(), full.end(),
            [&](std::size_t a, std::size_t b) { return share(a) > share(b); });
  return full;
}

double BaselineBalancer::relief(std::size_t host, std::size_t workload) const {
  HostForecast without = hosts_[host];
  without.add(workloads_[workload], -1);
  return rule_.deviations > 0 ? load(hosts_[host]) - load(without) : workloads_[workload].mean;
}

std::vector<std::size_t> BaselineBalancer::best_first(std::size_t host, std::size_t step) const {
  std::vector<std::size_t> order;
  for (const std::size_t one : residents_[host]) {
    const bool rests = rule_.rest > 0 && moved_at_[one] && step - *moved_at_[one] < rule_.rest;
    if (!rests && workloads_[one].mean > 0) order.push_back(one);
  }
  const double wanted = excess(host) - rounding;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const bool enough = relief(host, a) >= wanted;
    if (enough != (relief(host, b) >= wanted)) return enough;
    if (!enough) return relief(host, a) > relief(host, b);
    const double bytes_a = fleet_.workloads[a].move_bytes;
    const double bytes_b = fleet_.workloads[b].move_bytes;
    return bytes_a != bytes_b ? bytes_a < bytes_b : workloads_[a].mean < workloads_[b].mean;
  });
  return order;
}

std::optional<std::size_t> BaselineBalancer::destination(std::size_t from,
                                                         std::size_t workload) const {
  std::optional<std::size_t> best;
  double lowest = std::numeric_limits<double>::max();
  for (std::size_t h = 0; h < hosts_.size(); ++h) {
    if (h == from) continue;
    HostForecast with = hosts_[h];
    with.add(workloads_[workload], 1);
    const double room = fleet_.hosts[h].memory;
    if (room > 0 && with.memory > room) continue;
    if (load(with) > rule_.line * fleet_.hosts[h].cpu + rounding) continue;
    const double after = load(with) / fleet_.hosts[h].cpu;
    if (after >= lowest) continue;
    lowest = after;
    best = h;
  }
  return best;
}

void BaselineBalancer::move(std::size_t workload, std::size_t from, std::size_t to) {
  std::erase(residents_[from], workload);
  residents_[to].push_back(workload);
  hosts_[from].add(workloads_[workload], -1);
  hosts_[to].add(workloads_[workload], 1);
  moves_.push_back({workload, to});
}

bool BaselineBalancer::relieve_once(std::size_t host, std::size_t step) {
  for (const std::size_t workload : best_first(host, step)) {
    const auto to = destination(host, workload);
    if (!to) continue;
    move(workload, host, *to);
    moved_at_[workload] = step;
    return true;
  }
  return false;
}

std::vector<Relocation> BaselineBalancer::after(std::size_t step, const WorkloadHosts& placement) {
  moves_.clear();
  look(step, placement);
  for (const std::size_t host : fullest_first()) {
    while (excess(host) > rounding && relieve_once(host, step)) {
    }
  }
  return moves_;
}

}  // namespace

const std::vector<BaselineRule>& baseline_rules() {
  static const std::vector<BaselineRule> rules{
      {.name = "last-sample",
       .summary = "80 % of capacity, judged by the last sample: what the predecessor meant",
       .line = 0.8},
      {.name = "mean-3",
       .summary = "80 % of capacity, judged by the mean of 3 samples",
       .line = 0.8,
       .mean_samples = 3},
      {.name = "mean-3-rest",
       .summary = "90 %, mean of 3, a workload at most once in 6 steps",
       .line = 0.9,
       .mean_samples = 3,
       .rest = 6},
      {.name = "mean-12-spread",
       .summary = "mean and 2 s.d. of 12 samples at most 110 %",
       .expectation = Expectation::spread,
       .line = 1.1,
       .mean_samples = 3,
       .spread_samples = 12,
       .deviations = 2},
      {.name = "mean-24-spread",
       .summary = "mean and 2 s.d. of 24 samples at most 100 %",
       .expectation = Expectation::spread,
       .line = 1.0,
       .mean_samples = 3,
       .spread_samples = 24,
       .deviations = 2},
      {.name = "oracle",
       .summary = "100 %, sees the next sample: a bound",
       .expectation = Expectation::next,
       .line = 1.0},
  };
  return rules;
}

std::unique_ptr<Balancer> make_baseline(const BalancingFleet& fleet, const BaselineRule& rule) {
  return std::make_unique<BaselineBalancer>(fleet, rule);
}

}  // namespace plimsoll
