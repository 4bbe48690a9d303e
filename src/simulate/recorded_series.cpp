#include "simulate/recorded_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t hold_steps = 3;
constexpr std::size_t hosts_max = 20'000;

}  // namespace

std::size_t RecordedSeries::add(std::int64_t step, const Value& value) {
  auto at = sums_.end();
  if (!sums_.empty() && step <= sums_.back().step) {
    at = std::lower_bound(sums_.begin(), sums_.end(), step,
                          [](const Sum& sum, std::int64_t wanted) { return sum.step < wanted; });
  }
  const bool is_new = at == sums_.end() || at->step != step;
  if (is_new) at = sums_.insert(at, {step, {}, 0});
  at->value.cpu += value.cpu;
  at->value.memory += value.memory;
  ++at->count;
  return is_new ? 1 : 0;
}

bool RecordedSeries::shares_a_step_with(const RecordedSeries& other) const {
  return std::any_of(sums_.begin(), sums_.end(), [&](const Sum& sum) {
    return std::any_of(other.sums_.begin(), other.sums_.end(),
                       [&](const Sum& one) { return one.step == sum.step; });
  });
}

void RecordedSeries::merge(const RecordedSeries& other) {
  for (const auto& sum : other.sums_) {
    add(sum.step, {sum.value.cpu / sum.count, sum.value.memory / sum.count});
  }
}

std::vector<RecordedSeries::Value> RecordedSeries::values(std::int64_t begin, std::size_t count,
                                                          std::size_t hold) const {
  std::vector<Value> values(count);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const auto& sum = sums_[i];
    if (sum.step < begin || sum.step >= begin + static_cast<std::int64_t>(count)) continue;
    const auto from = static_cast<std::size_t>(sum.step - begin);
    std::size_t to = std::min(count, from + hold + 1);
    if (i + 1 < sums_.size()) {
      to = std::min(to, static_cast<std::size_t>(sums_[i + 1].step - begin));
    }
    for (std::size_t at = from; at < to; ++at) {
      values[at] = {sum.value.cpu / sum.count, sum.value.memory / sum.count};
    }
  }
  return values;
}

std::int64_t RecordedFleet::step_of(TimePoint time) const {
  return time.time_since_epoch().count() / std::max<std::int64_t>(step_.count(), 1);
}

void RecordedFleet::note_host(const std::string& host, TimePoint time, const HostPoint& point) {
  auto& record = hosts_[host];
  if (point.cpu_cores) record.cores = *point.cpu_cores;
  if (point.memory) record.memory = *point.memory;
  if (point.cpu_used) values_ += record.used.add(step_of(time), {*point.cpu_used, 0});
}

void RecordedFleet::note_container(const std::string& host, const std::string& name, TimePoint time,
                                   const ContainerPoint& point) {
  auto& on_hosts = containers_[name];
  containers_count_ += static_cast<std::size_t>(!on_hosts.contains(host));
  auto& record = on_hosts[host];
  record.writable_bytes = std::max(record.writable_bytes, point.writable_bytes.value_or(0));
  if (!point.cpu_cores) return;
  values_ += record.used.add(step_of(time), {*point.cpu_cores, point.memory.value_or(0)});
}

std::optional<Error> RecordedFleet::full() const {
  if (hosts_.size() > hosts_max) {
    return Error{Errc::too_large, fmt::format("more than {} hosts", hosts_max)};
  }
  if (containers_count_ > limits_.rows) {
    return Error{Errc::too_large, fmt::format("more than {} containers", limits_.rows)};
  }
  if (values_ > limits_.values) {
    return Error{Errc::too_large,
                 fmt::format("more than {} figures; take longer steps", limits_.values)};
  }
  return std::nullopt;
}

Result<RecordedFleet::Span> RecordedFleet::span() const {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for (const auto& [name, host] : hosts_) {
    if (host.used.empty()) continue;
    if (host.cores <= 0) {
      return Error{Errc::malformed, fmt::format("host {}: no cpu_cores, so its capacity is unknown",
                                                printable(name, 60))};
    }
    first = std::min(first, host.used.first());
    last = std::max(last, host.used.last());
  }
  if (first > last) {
    return Error{Errc::malformed,
                 "no points of the measurement Device: export it together with Container"};
  }
  const auto count = static_cast<std::size_t>(last - first + 1);
  if (count < 2) {
    return Error{Errc::invalid, fmt::format("all is within one step of {}; take shorter steps",
                                            format_duration(step_))};
  }
  if (count > limits_.steps || count * (hosts_.size() + containers_count_) > 2 * limits_.values) {
    return Error{Errc::too_large, fmt::format("{} steps are too many; take longer ones", count)};
  }
  return Span{first, count};
}

void RecordedFleet::add_hosts(BalancingFleet& fleet, const Span& span) const {
  for (const auto& [name, record] : hosts_) {
    if (record.used.empty()) continue;
    BalancingFleet::Host host{name, record.cores, record.memory, {}};
    for (const auto& value : record.used.values(span.first, span.count, hold_steps)) {
      host.other_cpu.push_back(value.cpu);
    }
    fleet.hosts.push_back(std::move(host));
  }
}

RecordedFleet::Lives RecordedFleet::lives_of(const std::map<std::string, ContainerRecord>& on_hosts,
                                             const std::map<std::string, std::size_t>& places) {
  Lives lives;
  for (const auto& [host, record] : on_hosts) {
    const auto place = places.find(host);
    if (place != places.end() && !record.used.empty()) lives.push_back({&record, place->second});
  }
  std::stable_sort(lives.begin(), lives.end(), [](const Life& a, const Life& b) {
    return a.record->used.first() < b.record->used.first();
  });
  return lives;
}

bool RecordedFleet::is_one(const Lives& lives) {
  for (std::size_t i = 0; i < lives.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (lives[i].record->used.shares_a_step_with(lives[j].record->used)) return false;
    }
  }
  return true;
}

void RecordedFleet::add_workload(BalancingFleet& fleet, const Span& span, std::string name,
                                 const Lives& lives) {
  BalancingFleet::Workload workload;
  workload.name = std::move(name);
  workload.start = lives.front().place;
  RecordedSeries used;
  for (const auto& life : lives) {
    used.merge(life.record->used);
    workload.move_bytes = std::max(workload.move_bytes, life.record->writable_bytes);
    auto& other = fleet.hosts[life.place].other_cpu;
    const auto here = life.record->used.values(span.first, span.count, hold_steps);
    for (std::size_t i = 0; i < span.count; ++i) other[i] -= here[i].cpu;
  }
  for (const auto& value : used.values(span.first, span.count, hold_steps)) {
    workload.share.push_back(value.cpu);
    workload.memory.push_back(value.memory);
  }
  if (workload.move_bytes <= 0) {
    workload.move_bytes = *std::max_element(workload.memory.begin(), workload.memory.end());
  }
  fleet.workloads.push_back(std::move(workload));
}

/// One of the same name on several hosts was moved, unless it was seen on two at once.
void RecordedFleet::add_workloads(BalancingFleet& fleet, const Span& span) const {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < fleet.hosts.size(); ++i) places[fleet.hosts[i].name] = i;
  for (const auto& [name, on_hosts] : containers_) {
    const auto lives = lives_of(on_hosts, places);
    if (lives.empty()) continue;
    if (is_one(lives)) {
      add_workload(fleet, span, name, lives);
      continue;
    }
    for (const auto& life : lives) {
      add_workload(fleet, span, name + "@" + fleet.hosts[life.place].name, {life});
    }
  }
  for (auto& host : fleet.hosts) {
    for (double& cpu : host.other_cpu) cpu = std::max(cpu, 0.0);
  }
}

Result<BalancingFleet> RecordedFleet::finish() const {
  const auto found = span();
  if (!found) return found.error();
  BalancingFleet fleet;
  fleet.steps = found->count;
  fleet.step_s = seconds(step_);
  add_hosts(fleet, *found);
  add_workloads(fleet, *found);
  if (fleet.workloads.empty()) {
    return Error{Errc::malformed,
                 "no points of the measurement Container: export it together with Device"};
  }
  return fleet;
}

}  // namespace plimsoll
