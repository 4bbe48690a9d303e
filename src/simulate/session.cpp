#include "simulate/session.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "decide/decide.h"
#include "decide/labels.h"
#include "decide/spread.h"

namespace plimsoll {
namespace {

/// More than anybody uses: stands for what a fleet does not say, so that it binds nothing.
constexpr Bytes boundless{std::uint64_t{1} << 60};

std::optional<double> percent(double used, double whole) {
  if (whole <= 0) return std::nullopt;
  return std::max(used, 0.0) / whole * 100;
}

/// Drops the oldest eighth when `list` is full, so that the rest is not shifted at each step.
template <class List>
void make_room(List& list, std::size_t most) {
  if (list.size() < most) return;
  const std::size_t gone = list.size() - most + std::max<std::size_t>(1, most / 8);
  list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(gone, list.size())));
}

/// Of the samples after a time, the newest of which is one.
ContainerSample mean_since(const std::vector<ContainerSample>& samples, TimePoint after) {
  double cpu = 0;
  double memory = 0;
  double count = 0;
  for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample) {
    if (sample->time <= after) break;
    cpu += sample->cpu_cores;
    memory += as_double(sample->memory);
    ++count;
  }
  return {samples.back().time, cpu / count, Bytes{static_cast<std::uint64_t>(memory / count)}};
}

/// The position for one more: that of one that was removed, or a new one at the end.
template <class List>
std::size_t take_position(List& list, std::vector<std::size_t>& unused) {
  if (unused.empty()) {
    list.emplace_back();
    return list.size() - 1;
  }
  const std::size_t position = unused.back();
  unused.pop_back();
  list[position] = {};
  return position;
}

}  // namespace

DecideSession::DecideSession(const Policy& policy, const Pace& pace, const SessionLimits& limits)
    : given_(policy), pace_(pace), limits_(limits) {
  given_.explain_max = limits.explain_max;
  policy_ = paced(given_, pace_, limits_.step.value_or(given_.sample_every));
  // How long steps are is not known before the second one: none is held back until then.
  if (!limits_.step) policy_.moves_in_fleet = std::numeric_limits<int>::max();
}

std::size_t DecideSession::add_host(const HostState& host) {
  const std::size_t position = take_position(hosts_, free_hosts_);
  [[maybe_unused]] const bool added = host_names_.emplace(host.name.str(), position).second;
  assert(added);
  hosts_[position].at = fleet_.hosts.size();
  owners_.push_back(position);
  HostState& state = fleet_.hosts.emplace_back(host);
  state.up = false;
  state.last_seen.reset();
  state.detailed = true;
  state.samples.clear();
  state.containers.clear();
  Capacity& capacity = state.capacity;
  if (!capacity.memory) capacity.memory = boundless;
  if (!capacity.storage) capacity.storage = boundless;
  if (!capacity.storage_free) capacity.storage_free = capacity.storage;
  return position;
}

std::size_t DecideSession::add_container(ContainerState container, std::size_t host) {
  const std::size_t position = take_position(containers_, free_containers_);
  [[maybe_unused]] const bool added =
      container_names_.emplace(container.name.str(), position).second;
  assert(added);
  container.cpu_cores.reset();
  container.memory = Bytes{};
  container.samples.clear();
  add_default_labels(given_.labels, container);
  settle(position, host, std::move(container));
  return position;
}

void DecideSession::remove_container(std::size_t container) {
  container_names_.erase(take_away(container).name.str());
  free_containers_.push_back(container);
}

void DecideSession::remove_host(std::size_t host) {
  while (!hosts_[host].residents.empty()) remove_container(hosts_[host].residents.back());
  const std::size_t at = std::exchange(hosts_[host].at, nowhere);
  host_names_.erase(fleet_.hosts[at].name.str());
  if (at + 1 < fleet_.hosts.size()) {
    fleet_.hosts[at] = std::move(fleet_.hosts.back());
    owners_[at] = owners_.back();
    hosts_[owners_[at]].at = at;
  }
  fleet_.hosts.pop_back();
  owners_.pop_back();
  free_hosts_.push_back(host);
}

void DecideSession::drain(std::size_t host, bool drained) { host_state(host).drained = drained; }

void DecideSession::set_links(std::vector<Link> links) { fleet_.links = std::move(links); }

ContainerState& DecideSession::state_of(std::size_t container) {
  const ContainerSlot& slot = containers_[container];
  return host_state(slot.host).containers[slot.at];
}

void DecideSession::settle(std::size_t container, std::size_t host, ContainerState state) {
  auto& there = host_state(host).containers;
  containers_[container].host = host;
  containers_[container].at = there.size();
  there.push_back(std::move(state));
  hosts_[host].residents.push_back(container);
  hosts_[host].sorted = false;
}

/// The last one takes the place that falls empty.
ContainerState DecideSession::take_away(std::size_t container) {
  ContainerSlot& slot = containers_[container];
  auto& here = host_state(slot.host).containers;
  auto& residents = hosts_[slot.host].residents;
  ContainerState state = std::move(here[slot.at]);
  if (slot.at + 1 < here.size()) {
    here[slot.at] = std::move(here.back());
    residents[slot.at] = residents.back();
    containers_[residents[slot.at]].at = slot.at;
  }
  here.pop_back();
  residents.pop_back();
  hosts_[slot.host].sorted = false;
  slot.host = nowhere;
  return state;
}

void DecideSession::relocate(std::size_t container, std::size_t to) {
  settle(container, to, take_away(container));
}

/// By name, so that sums come out the same to the last bit whatever the order things were said in.
void DecideSession::sort_residents(std::size_t host) {
  HostSlot& slot = hosts_[host];
  if (std::exchange(slot.sorted, true)) return;
  auto& here = host_state(host).containers;
  std::sort(slot.residents.begin(), slot.residents.end(), [&](std::size_t a, std::size_t b) {
    return here[containers_[a].at].name < here[containers_[b].at].name;
  });
  std::vector<ContainerState> sorted;
  sorted.reserve(here.size());
  for (const std::size_t container : slot.residents) {
    std::size_t& at = containers_[container].at;
    sorted.push_back(std::move(here[at]));
    at = sorted.size() - 1;
  }
  here = std::move(sorted);
}

void DecideSession::place(std::size_t container, std::size_t host) {
  const std::size_t from = containers_[container].host;
  if (from == host) return;
  const HostId assumed = host_state(from).name;
  const HostId found = host_state(host).name;
  relocate(container, host);
  if (!last_time_) return;
  const ContainerName& name = state_of(container).name;
  for (auto move = fleet_.past.rbegin(); move != fleet_.past.rend(); ++move) {
    if (move->started != *last_time_) break;
    if (move->container != name || move->to != assumed || !move->succeeded) continue;
    move->succeeded = move->from != found;
    if (move->succeeded) move->to = found;
    return;
  }
  fleet_.past.push_back({name, assumed, found, *last_time_, *last_time_, true});
}

const std::vector<SessionMove>& DecideSession::step(const FleetUse& use) {
  assert(!last_time_ || use.time > *last_time_);
  settle_pace(use.time);
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    if (hosts_[i].at != nowhere) sort_residents(i);
  }
  for (std::size_t i = 0; i < containers_.size(); ++i) {
    if (containers_[i].host == nowhere) continue;
    note_container(i, i < use.containers.size() ? use.containers[i] : ContainerUse{}, use.time);
  }
  const bool hosts_speak = std::any_of(use.hosts.begin(), use.hosts.end(),
                                       [](const HostUse& host) { return host.cpu.has_value(); });
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    if (hosts_[i].at == nowhere) continue;
    note_host(i, i < use.hosts.size() ? use.hosts[i] : HostUse{}, hosts_speak, use.time);
  }
  forget_old(use.time);
  plan_ = decide(fleet_, policy_, use.time);
  last_time_ = use.time;
  apply(plan_);
  return moves_;
}

void DecideSession::settle_pace(TimePoint time) {
  length_.note(time);
  const auto step = limits_.step ? limits_.step : length_.length();
  const bool assumed = policy_.moves_in_fleet == std::numeric_limits<int>::max();
  if (step && (assumed || *step != policy_.sample_every)) policy_ = paced(given_, pace_, *step);
}

void DecideSession::note_container(std::size_t container, const ContainerUse& use, TimePoint time) {
  ContainerSlot& slot = containers_[container];
  ContainerState& state = state_of(container);
  if (use.memory) slot.memory = *use.memory;
  if (use.cpu) {
    slot.cpu = std::max(*use.cpu, 0.0);
    slot.seen = time;
    state.state = "running";
    add_sample(state, slot, time);
  } else if (slot.seen && time - *slot.seen > stale_limit(policy_)) {
    slot.cpu = 0;
    slot.memory = Bytes{};
    state.state = "exited";
    state.cpu_cores.reset();
  }
}

void DecideSession::keep(ContainerState& state, const ContainerSample& sample) {
  const std::size_t share = limits_.samples_in_all / containers_.size();
  make_room(state.samples, std::clamp<std::size_t>(share, 16, limits_.container_samples));
  state.samples.push_back(sample);
}

void DecideSession::add_sample(ContainerState& state, ContainerSlot& slot, TimePoint time) {
  const bool as_given = policy_.window == given_.window;
  if (as_given && policy_.sample_every < policy_.window) return add_step(state, slot, time);
  state.cpu_cores_lately.reset();
  keep(state, {time, slot.cpu, slot.memory});
  const auto mean = mean_since(state.samples, time - policy_.window);
  state.cpu_cores = mean.cpu_cores;
  state.memory = mean.memory;
}

/// Steps are gathered to windows, as whoever reads a store does it.
void DecideSession::add_step(ContainerState& state, ContainerSlot& slot, TimePoint time) {
  auto& recent = slot.recent;
  recent.push_back({time, slot.cpu, slot.memory});
  std::erase_if(recent, [&](const auto& each) { return time - each.time >= policy_.window; });
  const auto mean = mean_since(recent, time - policy_.window);
  state.cpu_cores = mean.cpu_cores;
  state.memory = mean.memory;
  state.cpu_cores_lately.reset();
  const Duration span = sudden_span(policy_);
  if (span < policy_.window) {
    const double lately = mean_since(recent, time - span).cpu_cores;
    slot.peak = std::max(slot.peak, lately);
    if (is_new_height(lately, slot.peaks)) state.cpu_cores_lately = lately;
  }
  if (!state.samples.empty() && time - slot.told < policy_.window) return;
  slot.told = time;
  make_room(slot.peaks, spread_samples);
  slot.peaks.push_back(std::exchange(slot.peak, 0));
  keep(state, {time, mean.cpu_cores, mean.memory});
}

HostUse DecideSession::added_up(std::size_t host, TimePoint time) const {
  HostUse sum;
  double cpu = 0;
  Bytes memory{};
  bool anybody = hosts_[host].residents.empty();
  for (const std::size_t container : hosts_[host].residents) {
    const ContainerSlot& slot = containers_[container];
    cpu += slot.cpu;
    memory += slot.memory;
    anybody = anybody || slot.seen == time;
  }
  sum.cpu = cpu;
  sum.memory = memory;
  sum.silent = !anybody;
  return sum;
}

void DecideSession::note_host(std::size_t host, const HostUse& use, bool hosts_speak,
                              TimePoint time) {
  HostSlot& slot = hosts_[host];
  HostState& state = host_state(host);
  const HostUse sum = added_up(host, time);
  const bool expected = slot.speaks && hosts_speak && slot.residents.empty();
  state.up = !use.silent && (use.cpu || !(sum.silent || expected));
  slot.speaks = slot.speaks || use.cpu;
  if (!state.up) return;
  state.last_seen = time;
  Capacity& capacity = state.capacity;
  const double storage = as_double(*capacity.storage);
  const double stored = as_double(use.storage.value_or(Bytes{}));
  if (use.storage) {
    capacity.storage_free = Bytes{static_cast<std::uint64_t>(std::max(storage - stored, 0.0))};
  }
  Sample sample{.time = time, .used = {}};
  sample.used.cpu = percent(use.cpu ? *use.cpu : *sum.cpu, capacity.cpu_cores.value_or(0));
  sample.used.memory =
      percent(as_double(use.memory ? *use.memory : *sum.memory), as_double(*capacity.memory));
  sample.used.storage = percent(storage - as_double(*capacity.storage_free), storage);
  state.samples.push_back(sample);
}

/// An eighth more than is needed is kept, so that lists are not shifted at each step.
void DecideSession::forget_old(TimePoint time) {
  const auto cut = [](auto& list, TimePoint oldest, auto time_of) {
    const auto young = std::find_if(
        list.begin(), list.end(), [&](const auto& element) { return time_of(element) >= oldest; });
    if (young - list.begin() > (list.end() - young) / 8) list.erase(list.begin(), young);
  };
  const TimePoint oldest_sample = time - history_needed(policy_) - policy_.sample_every;
  for (HostState& host : fleet_.hosts) {
    cut(host.samples, oldest_sample, [](const Sample& sample) { return sample.time; });
  }
  cut(fleet_.past, time - memory_needed(policy_),
      [](const PastMove& move) { return move.finished; });
}

void DecideSession::apply(const Plan& plan) {
  moves_.clear();
  for (const Move& move : plan.moves) {
    const auto container = find_container(move.container.str());
    const auto to = find_host(move.to.str());
    if (!container || !to) continue;
    const std::size_t from = containers_[*container].host;
    if (from == *to) continue;
    relocate(*container, *to);
    fleet_.past.push_back({move.container, move.from, move.to, plan.made_at, plan.made_at, true});
    moves_.push_back({*container, from, *to, move.reason});
  }
}

std::optional<std::size_t> DecideSession::find_host(std::string_view name) const {
  const auto found = host_names_.find(name);
  return found == host_names_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::size_t> DecideSession::find_container(std::string_view name) const {
  const auto found = container_names_.find(name);
  return found == container_names_.end() ? std::nullopt : std::optional{found->second};
}

const std::string& DecideSession::host_name(std::size_t host) const {
  return fleet_.hosts[hosts_[host].at].name.str();
}

const std::string& DecideSession::container_name(std::size_t container) const {
  const ContainerSlot& slot = containers_[container];
  return fleet_.hosts[hosts_[slot.host].at].containers[slot.at].name.str();
}

std::size_t DecideSession::host_of(std::size_t container) const {
  return containers_[container].host;
}

}  // namespace plimsoll
