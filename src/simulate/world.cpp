#include "simulate/world.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/text.h"
#include "decide/labels.h"
#include "decide/scalar.h"
#include "decide/spread.h"

namespace plimsoll {
namespace {

/// Windows kept of each container, as decide's other callers keep them.
constexpr std::size_t container_samples_max = 288;
constexpr double full = 100;  // percent
/// Who drains a host looks again after this. Ours.
constexpr Duration asks_again_after = std::chrono::minutes{5};
/// Long windows are not waited for longer than this. Ours.
constexpr Duration watched_most = std::chrono::hours{12};

template <class Ring, class Sample>
void keep(Ring& ring, Sample sample, std::size_t most) {
  ring.push_back(std::move(sample));
  if (ring.size() > most) ring.pop_front();
}

std::size_t window_samples(const Scenario& scenario) {
  return std::max<std::size_t>(
      1, static_cast<std::size_t>(scenario.policy.window / scenario.sample_every));
}

/// Mean over the last few samples, where the window holds more.
std::optional<double> used_lately(const std::deque<ContainerSample>& window,
                                  const Scenario& scenario) {
  const auto lately = static_cast<std::size_t>(
      std::max<Duration::rep>(1, sudden_span(scenario.policy) / scenario.sample_every));
  if (window.size() <= lately) return std::nullopt;
  double cores = 0;
  for (std::size_t i = window.size() - lately; i < window.size(); ++i) cores += window[i].cpu_cores;
  return cores / static_cast<double>(lately);
}

double percent_of(double part, double whole) { return std::min(full, part / whole * 100); }

template <class Each>
void forget_before(std::vector<Each>& entries, TimePoint oldest, TimePoint Each::*time) {
  const auto first = std::find_if(entries.begin(), entries.end(),
                                  [&](const Each& entry) { return entry.*time >= oldest; });
  // Seldom and many at once: the rest is moved each time.
  if (first - entries.begin() > entries.end() - first) entries.erase(entries.begin(), first);
}

}  // namespace

World::World(const Scenario& scenario) : scenario_(scenario), now_(scenario.start) {
  hosts_.resize(scenario.hosts.size());
  in_snapshot_.resize(scenario.hosts.size());
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    host_positions_.emplace(scenario.hosts[i].state.name.str(), i);
    hosts_[i].there = scenario.hosts[i].there;
    if (hosts_[i].there) join(i);
  }
  for (std::size_t i = 0; i < scenario.containers.size(); ++i) {
    const ScenarioContainer& each = scenario.containers[i];
    const std::size_t host = host_positions_.at(each.host);
    ContainerLife& life = containers_.emplace_back();
    life.host = host;
    life.seed = stable_hash(each.host + '/' + each.state.name.str()) ^ scenario.seed;
    hosts_[host].residents.push_back(i);
    state(host).containers.push_back(each.state);
    add_default_labels(scenario.policy.labels, state(host).containers.back());
  }
  for (const ScenarioLink& link : scenario.links) {
    seen_.links.push_back({HostId{link.from}, HostId{link.to}, link.bytes_per_s, link.rtt_s, true});
  }
  live_before();
}

/// What has been watched before the story begins; nobody decided anything then.
void World::live_before() {
  Duration watched = scenario_.watched;
  if (watched < Duration{0}) {
    watched = std::min(watched_most, static_cast<int>(spread_samples) * scenario_.policy.window);
  }
  const auto steps = watched / scenario_.sample_every;
  now_ = scenario_.start - steps * scenario_.sample_every;
  for (ContainerLife& life : containers_) life.told = now_;
  for (; now_ < scenario_.start; now_ += scenario_.sample_every) live();
}

void World::join(std::size_t host) {
  hosts_[host].there = true;
  in_snapshot_[host] = seen_.hosts.size();
  const ScenarioHost& given = scenario_.hosts[host];
  seen_.hosts.push_back(given.state);
  if (!given.measured) seen_.hosts.back().capacity = {};
}

std::size_t World::host_at(const HostId& name) const { return host_positions_.at(name.str()); }

std::size_t World::resident_of(const ContainerName& name, std::size_t host) const {
  const auto& residents = hosts_[host].residents;
  const auto found = std::find_if(residents.begin(), residents.end(), [&](std::size_t each) {
    return scenario_.containers[each].state.name == name;
  });
  assert(found != residents.end());
  return static_cast<std::size_t>(found - residents.begin());
}

Way World::way(const HostId& from, const HostId& to) const {
  for (const Link& link : seen_.links) {
    if (link.from == from && link.to == to) return {link.bytes_per_s, link.rtt_s, true};
  }
  return {scenario_.policy.assumed_bytes_per_s, scenario_.policy.assumed_rtt_s, false};
}

bool World::take_emptying(std::size_t host) {
  HostLife& life = hosts_[host];
  if (!life.empty_at || *life.empty_at > now_ || life.residents.empty()) return false;
  life.empty_at = now_ + asks_again_after;
  return true;
}

void World::live_until(TimePoint time) {
  now_ = time;
  const auto& events = scenario_.events;
  for (; next_event_ < events.size() && events[next_event_].at <= since_start(); ++next_event_) {
    happen(events[next_event_]);
  }
  end_moves();
  live();
}

void World::live() {
  want();
  share_out();
  for (std::size_t host = 0; host < hosts_.size(); ++host) tell(host);
  forget();
}

void World::set_rate(const ScenarioEvent& event) {
  const HostId from{event.host};
  const HostId to{event.to};
  for (Link& link : seen_.links) {
    if (link.from != from || link.to != to) continue;
    link.bytes_per_s = event.bytes_per_s;
    return;
  }
  seen_.links.push_back({from, to, event.bytes_per_s, scenario_.policy.assumed_rtt_s, true});
}

void World::happen(const ScenarioEvent& event) {
  const std::size_t host = host_positions_.at(event.host);
  HostLife& life = hosts_[host];
  if (event.kind == EventKind::arrives) return join(host);
  if (!life.there) return;
  switch (event.kind) {
    case EventKind::lost:
      life.lost = true;
      break;
    case EventKind::silent:
      life.mute = true;
      break;
    case EventKind::stale:
      life.ageing = true;
      break;
    case EventKind::back:
      life.lost = life.mute = life.ageing = false;
      break;
    case EventKind::arrives:
      break;
    case EventKind::drained:
    case EventKind::drain:
    case EventKind::undrained:
      state(host).drained = event.kind != EventKind::undrained;
      life.empty_at.reset();
      if (event.kind == EventKind::drain) life.empty_at = now_;
      break;
    case EventKind::unreadable:
    case EventKind::readable:
      state(host).detailed = event.kind == EventKind::readable;
      break;
    case EventKind::refuses:
    case EventKind::accepts:
      life.refuses = event.kind == EventKind::refuses;
      break;
    case EventKind::link:
      set_rate(event);
      break;
  }
}

void World::order(const std::vector<Move>& moves, Turns turns) {
  const std::size_t first = moves_.size();
  for (const Move& move : moves) {
    WorldMove& added = moves_.emplace_back();
    added.move = move;
    added.ordered = now_;
    seen_.under_way.push_back({move.container, move.from, move.to, move.demand, move.ports, now_});
  }
  for (std::size_t i = first; i < moves_.size(); ++i) {
    for (std::size_t j = first; j < moves_.size(); ++j) {
      const Move& earlier = moves_[j].move;
      const Move& later = moves_[i].move;
      const bool related =
          turns == Turns::among_all || (!later.unit.empty() && earlier.unit == later.unit);
      if (related && earlier.order < later.order) moves_[i].waits_for.push_back(j);
    }
  }
  start_waiting();
}

void World::start(std::size_t which) {
  WorldMove& move = moves_[which];
  const std::size_t from = host_at(move.move.from);
  const ContainerState& container = state(from).containers[resident_of(move.move.container, from)];
  const Way link = way(move.move.from, move.move.to);
  move.started = now_;
  started_.push_back(which);
  if (link.bytes_per_s > 0) {
    move.takes = predict(container, state(host_at(move.move.to)), link, scenario_.policy);
  }
  const double all = move.takes.transfer_s + move.takes.downtime_s;
  move.ends = now_ + Duration{static_cast<Duration::rep>(std::ceil(all * 1000))};
}

void World::start_waiting() {
  for (std::size_t i = 0; i < moves_.size(); ++i) {
    WorldMove& move = moves_[i];
    if (move.over || move.started) continue;
    const auto& before = move.waits_for;
    const auto done = [&](std::size_t each) { return moves_[each].over; };
    const auto failed = [&](std::size_t each) {
      return moves_[each].over && !moves_[each].succeeded;
    };
    if (std::any_of(before.begin(), before.end(), failed)) {
      end(move, false);
    } else if (std::all_of(before.begin(), before.end(), done)) {
      start(i);
    }
  }
}

bool World::could_end_well(const Move& move) const {
  const std::size_t to = host_at(move.to);
  return alive(host_at(move.from)) && alive(to) && !hosts_[to].refuses &&
         way(move.from, move.to).bytes_per_s > 0;
}

void World::end(WorldMove& move, bool succeeded) {
  move.over = true;
  move.ends = now_;
  move.succeeded = succeeded;
  const auto same = [&](const MoveUnderWay& other) {
    return other.container == move.move.container && other.from == move.move.from;
  };
  std::erase_if(seen_.under_way, same);
  if (!move.started) return;
  PastMove past{move.move.container, move.move.from, move.move.to, *move.started, now_, succeeded};
  const Prediction& takes = move.takes;
  const double image_s = as_double(takes.image_bytes) / takes.bytes_per_s;
  past.image = {takes.image_written, takes.image_bytes, image_s};
  past.held = Bytes{count(takes.bytes) - count(takes.image_bytes)};
  past.data = {Bytes{count(takes.written) - count(takes.image_written)}, past.held,
               takes.transfer_s - image_s};
  past.downtime_s = takes.downtime_s;
  seen_.past.push_back(past);
  if (succeeded) land(move);
}

void World::end_moves() {
  for (WorldMove& move : moves_) {
    if (move.over || !move.started) continue;
    const bool broken = !alive(host_at(move.move.from)) || !alive(host_at(move.move.to));
    if (broken || move.ends <= now_) end(move, could_end_well(move.move));
  }
  start_waiting();
}

void World::land(const WorldMove& move) {
  const std::size_t from = host_at(move.move.from);
  const std::size_t to = host_at(move.move.to);
  const std::size_t at = resident_of(move.move.container, from);
  const std::size_t which = hosts_[from].residents[at];
  HostState& there = state(to);
  ContainerState& container = state(from).containers[at];
  hosts_[to].moved_in += as_double(move.takes.bytes);
  there.image_ids.push_back(container.image_id);
  for (const Layer& layer : container.layers) there.layer_chains.push_back(layer.chain);
  there.containers.push_back(std::move(container));
  hosts_[to].residents.push_back(which);
  containers_[which].host = to;
  const auto offset = static_cast<std::ptrdiff_t>(at);
  state(from).containers.erase(state(from).containers.begin() + offset);
  hosts_[from].residents.erase(hosts_[from].residents.begin() + offset);
}

void World::want() {
  const Duration time = since_start();
  for (std::size_t i = 0; i < containers_.size(); ++i) {
    const ScenarioContainer& each = scenario_.containers[i];
    ContainerLife& life = containers_[i];
    const bool runs = each.state.state == "running" && alive(life.host);
    const double limit = each.state.cpu_limit_cores.value_or(HUGE_VAL);
    const double most = each.state.memory_limit ? as_double(*each.state.memory_limit) : HUGE_VAL;
    life.cpu = runs ? std::min(each.cpu.at(time, life.seed), limit) : 0;
    life.memory = runs ? std::min(each.memory.at(time, life.seed + 1), most) : 0;
  }
}

void World::share_out() {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const std::uint64_t seed = stable_hash(scenario_.hosts[i].state.name.str()) ^ scenario_.seed;
    hosts_[i].cpu = scenario_.hosts[i].cpu.at(since_start(), seed);
    hosts_[i].memory = scenario_.hosts[i].memory.at(since_start(), seed + 1);
    for (const std::size_t each : hosts_[i].residents) {
      hosts_[i].cpu += containers_[each].cpu;
      hosts_[i].memory += containers_[each].memory;
    }
  }
  for (const WorldMove& move : moves_) {
    if (move.over || !move.started) continue;
    const std::size_t from = host_at(move.move.from);
    HostLife& to = hosts_[host_at(move.move.to)];
    const auto& moved = containers_[hosts_[from].residents[resident_of(move.move.container, from)]];
    hosts_[from].cpu += scenario_.move_cpu;
    to.cpu += scenario_.move_cpu + moved.cpu;
    to.memory += moved.memory;
  }
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const double cores = scenario_.hosts[i].state.capacity.cpu_cores.value_or(1);
    if (hosts_[i].cpu <= cores) continue;
    for (const std::size_t each : hosts_[i].residents) {
      containers_[each].cpu *= cores / hosts_[i].cpu;
    }
  }
}

Utilisation World::use_of(std::size_t host) const {
  const HostLife& life = hosts_[host];
  const ScenarioHost& given = scenario_.hosts[host];
  const double disk = as_double(given.state.capacity.storage.value_or(Bytes{1}));
  const std::uint64_t seed = stable_hash(given.state.name.str()) ^ scenario_.seed;
  const double cores = given.state.capacity.cpu_cores.value_or(1);
  Utilisation used;
  used.cpu = percent_of(life.cpu, cores);
  used.memory = percent_of(life.memory, as_double(given.state.capacity.memory.value_or(Bytes{1})));
  used.storage = percent_of(given.disk.at(since_start(), seed + 2) + life.moved_in, disk);
  // Of all that wants to run so much has to wait.
  used.pressure = life.cpu > cores ? (1 - cores / life.cpu) * 100 : 0;
  return used;
}

std::optional<double> World::blurred(std::optional<double> percent, std::size_t host,
                                     std::size_t what) const {
  if (scenario_.telemetry_noise <= 0 || !percent) return percent;
  const std::uint64_t seed = stable_hash(scenario_.hosts[host].state.name.str()) + scenario_.seed;
  const double noise = bell_at(seed * 8 + what, static_cast<std::uint64_t>(since_start().count()));
  return std::clamp(*percent + scenario_.telemetry_noise * noise, 0.0, full);
}

void World::tell(std::size_t host) {
  HostLife& life = hosts_[host];
  if (!life.there) return;
  HostState& told = state(host);
  const Utilisation used = use_of(host);
  if (life.lost) {
    life.window.clear();
  } else {
    keep(life.window, Sample{now_, used}, window_samples(scenario_));
  }
  told.up = !life.lost && !life.mute;
  if (!told.up || life.ageing) return;
  told.last_seen = now_;
  told.samples.push_back({now_,
                          {blurred(used.cpu, host, 0), blurred(used.memory, host, 1),
                           blurred(used.storage, host, 2), used.pressure}});
  if (told.capacity.storage) {
    const double disk = as_double(*told.capacity.storage);
    told.capacity.storage_free =
        Bytes{static_cast<std::uint64_t>(disk * (full - used.storage.value_or(0)) / full)};
  }
  for (std::size_t i = 0; i < life.residents.size(); ++i) tell_container(host, i);
}

void World::tell_container(std::size_t host, std::size_t resident) {
  const std::size_t which = hosts_[host].residents[resident];
  if (!scenario_.containers[which].measured) return;
  ContainerLife& life = containers_[which];
  keep(life.window, ContainerSample{now_, life.cpu, Bytes{static_cast<std::uint64_t>(life.memory)}},
       window_samples(scenario_));
  ContainerSample mean{.time = now_};
  double memory = 0;
  for (const ContainerSample& sample : life.window) {
    mean.cpu_cores += sample.cpu_cores / static_cast<double>(life.window.size());
    memory += as_double(sample.memory) / static_cast<double>(life.window.size());
  }
  mean.memory = Bytes{static_cast<std::uint64_t>(memory)};
  ContainerState& told = state(host).containers[resident];
  told.cpu_cores = mean.cpu_cores;
  told.cpu_cores_lately = used_lately(life.window, scenario_);
  life.peak = std::max(life.peak, told.cpu_cores_lately.value_or(0));
  if (!is_new_height(told.cpu_cores_lately.value_or(0), life.peaks)) told.cpu_cores_lately.reset();
  told.memory = mean.memory;
  if (now_ - life.told < scenario_.policy.window) return;
  life.told = now_;
  life.peaks.push_back(std::exchange(life.peak, 0));
  if (life.peaks.size() > spread_samples) life.peaks.erase(life.peaks.begin());
  told.samples.push_back(mean);
  if (told.samples.size() > container_samples_max) told.samples.erase(told.samples.begin());
}

void World::forget() {
  for (HostState& host : seen_.hosts) {
    forget_before(host.samples, now_ - history_needed(scenario_.policy), &Sample::time);
  }
  forget_before(seen_.past, now_ - memory_needed(scenario_.policy), &PastMove::finished);
}

std::optional<double> World::level_of_host(std::size_t host) const {
  const auto& window = hosts_[host].window;
  if (window.empty()) return std::nullopt;
  double cpu = 0;
  double memory = 0;
  double storage = 0;
  const double share = 1.0 / static_cast<double>(window.size());
  for (const Sample& sample : window) {
    cpu += sample.used.cpu.value_or(0) * share;
    memory += sample.used.memory.value_or(0) * share;
    storage += sample.used.storage.value_or(0) * share;
  }
  const Utilisation mean{cpu, memory, storage, std::nullopt};
  return level_of(mean, scenario_.policy);
}

}  // namespace plimsoll
