#include "decide/risk_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

namespace plimsoll {
namespace {

bool by_name(const Resident& a, const Resident& b) { return a.container->name < b.container->name; }

double newest_or_mean(const ContainerState& container) {
  return container.samples.empty() ? std::max(0.0, container.cpu_cores.value_or(0))
                                   : container.samples.back().cpu_cores;
}

Spread spread_of(const ContainerState& container) {
  if (!container.samples.empty()) return plimsoll::spread_of(container.samples);
  Spread spread;
  spread.mean = std::max(0.0, container.cpu_cores.value_or(0));
  spread.latest = spread.mean;
  return spread;
}

/// Ahead of their turn: in a large fleet most of the time goes by waiting for them.
void fetch_samples(const ContainerState& container) {
  constexpr std::size_t in_a_line = 64 / sizeof(ContainerSample);
  const auto newest =
      std::span{container.samples}.last(std::min(container.samples.size(), spread_samples));
  for (std::size_t i = 0; i < newest.size(); i += in_a_line) {
    __builtin_prefetch(&newest[i]);
  }
}

}  // namespace

RiskBook::RiskBook(const Ledger& ledger) : ledger_(ledger), line_(ledger.policy().line.cpu) {
  gather();
  note_disturbed();
  add_up();
  land_moves_under_way();
  for (std::size_t host = 0; host < hosts_.size(); ++host) judge(host);
}

void RiskBook::gather() {
  const auto& hosts = ledger_.fleet().hosts;
  hosts_.resize(hosts.size());
  risks_.resize(hosts.size());
  risen_.resize(hosts.size(), false);
  capacities_.resize(hosts.size());
  ranges_.resize(hosts.size());
  ranks_.resize(hosts.size());
  std::size_t containers = 0;
  for (const HostState& host : hosts) containers += host.containers.size();
  residents_.reserve(containers);
  spreads_.reserve(containers);
  std::uint32_t rank = 0;
  for (const std::size_t host : ledger_.by_name()) {
    ranks_[host] = rank++;
    gather(host);
  }
}

void RiskBook::note_disturbed() {
  disturbed_.assign(hosts_.size(), TimePoint::max());
  for (const MoveUnderWay& move : ledger_.fleet().under_way) {
    for (const HostId* name : {&move.from, &move.to}) {
      const auto host = ledger_.find(*name);
      if (host) disturbed_[*host] = std::min(disturbed_[*host], move.started);
    }
  }
}

void RiskBook::gather(std::size_t host) {
  const HostState& state = ledger_.fleet().hosts[host];
  capacities_[host] = state.capacity.cpu_cores.value_or(0);
  const std::size_t first = residents_.size();
  for (const ContainerState& container : state.containers) {
    if (container.state != "running") continue;
    residents_.push_back({.container = &container,
                          .host = host,
                          .outlook = {},
                          .newest = newest_or_mean(container),
                          .mean = container.cpu_cores.value_or(0)});
  }
  ranges_[host] = {static_cast<std::uint32_t>(first),
                   static_cast<std::uint32_t>(residents_.size())};
  const auto begin = residents_.begin() + static_cast<std::ptrdiff_t>(first);
  if (!std::is_sorted(begin, residents_.end(), by_name)) {
    std::sort(begin, residents_.end(), by_name);
  }
  for (auto each = begin; each != residents_.end(); ++each) {
    if (each + 1 != residents_.end()) fetch_samples(*(each + 1)->container);
    spreads_.push_back(spread_of(*each->container));
  }
}

/// In the order of names, so that sums are the same in whatever order all stands.
void RiskBook::add_up() {
  const std::vector<Outlook> outlooks = outlooks_of(spreads_);
  for (const std::size_t host : ledger_.by_name()) {
    hosts_[host].mean = besides(host);
    const HostAssessment& seen = ledger_.book(host).seen;
    for (std::size_t i = ranges_[host].first; i < ranges_[host].last; ++i) {
      residents_[i].outlook = outlooks[i];
      if (seen.sudden) believe_rise(residents_[i]);
      hosts_[host] += residents_[i].outlook;
    }
    add_foreseen(host);
  }
}

/// What it has used since its host rose will go on, whatever it used before.
void RiskBook::believe_rise(Resident& resident) {
  const auto& lately = resident.container->cpu_cores_lately;
  if (!lately || *lately <= resident.outlook.mean) return;
  resident.outlook.mean = *lately;
  risen_[resident.host] = true;
}

/// What is foreseen of it, for sure, beyond what its containers are expected to use.
void RiskBook::add_foreseen(std::size_t host) {
  const auto& expected = ledger_.book(host).seen.expected;
  if (!ledger_.policy().forecast || !expected) return;
  const double cores = (expected->expected - expected->error) / 100 * capacities_[host];
  hosts_[host].mean = std::max(hosts_[host].mean, std::min(cores, capacities_[host]));
}

/// Of the newest sample and of the window the smaller one: after a move they differ for a while.
double RiskBook::besides(std::size_t host) const {
  const HostBook& book = ledger_.book(host);
  double newest = newest_undisturbed(host) / 100 * capacities_[host];
  double mean = book.seen.used.cpu.value_or(0) / 100 * capacities_[host];
  for (std::uint32_t i = ranges_[host].first; i < ranges_[host].last; ++i) {
    newest -= residents_[i].newest;
    mean -= residents_[i].mean;
  }
  const double rest = std::min(newest, mean);
  return rest > 1e-6 * capacities_[host] ? rest : 0.0;
}

/// From before a move that is under way: what a move costs its hosts goes with it. Unit: percent.
double RiskBook::newest_undisturbed(std::size_t host) const {
  const auto& samples = ledger_.fleet().hosts[host].samples;
  const auto newest = std::find_if(samples.rbegin(), samples.rend(), [&](const Sample& sample) {
    return sample.time < disturbed_[host];
  });
  return newest == samples.rend() ? 0 : newest->used.cpu.value_or(0);
}

/// All its containers together, newest first, as far back as all of them have samples.
std::vector<double> RiskBook::series_of(std::size_t host) const {
  std::vector<double> sums(spread_samples, besides(host));
  const Range range = ranges_[host];
  for (std::uint32_t position = range.first; position < range.last; ++position) {
    const auto& samples = residents_[position].container->samples;
    if (samples.size() < sums.size()) sums.resize(samples.size());
    auto sample = samples.rbegin();
    for (double& sum : sums) sum += (sample++)->cpu_cores;
  }
  return sums;
}

std::vector<SpreadStand> RiskBook::stands() const {
  std::vector<SpreadStand> stands(hosts_.size());
  for (std::size_t host = 0; host < hosts_.size(); ++host) {
    stands[host].expected = hosts_[host];
    // Only of those that are asked about: it costs a look at each container.
    if (ledger_.book(host).seen.hot) stands[host].shifted_to = shifted_level(series_of(host));
  }
  return stands;
}

void RiskBook::land_moves_under_way() {
  for (const MoveUnderWay& move : ledger_.fleet().under_way) {
    const auto from = ledger_.find(move.from);
    const auto to = ledger_.find(move.to);
    if (!from || !to) continue;
    for (std::size_t i = ranges_[*from].first; i < ranges_[*from].last; ++i) {
      Resident& resident = residents_[i];
      if (!resident.gone && resident.container->name == move.container) shift(resident, *to);
    }
  }
}

void RiskBook::shift(Resident& resident, std::size_t to) {
  resident.gone = true;
  hosts_[resident.host] -= resident.outlook;
  hosts_[to] += resident.outlook;
}

void RiskBook::judge(std::size_t host) {
  risks_[host] = overload_risk(hosts_[host], capacities_[host], line_);
}

double RiskBook::risk_without(std::size_t host, const Outlook& less) const {
  return overload_risk(hosts_[host] - less, capacities_[host], line_);
}

double RiskBook::risk_with(std::size_t host, const Outlook& more) const {
  return overload_risk(hosts_[host] + more, capacities_[host], line_);
}

double RiskBook::level_with(std::size_t host, const Outlook& more) const {
  if (capacities_[host] <= 0) return 0;
  return (hosts_[host] + more).mean / capacities_[host] / (line_ / 100);
}

double RiskBook::chance_with(std::size_t host, const Outlook& more) const {
  return overload_chance(hosts_[host] + more, capacities_[host]);
}

const std::vector<std::uint32_t>& RiskBook::calmer(std::size_t than, std::size_t most) {
  if (by_risk_.empty()) sort_by_risk();
  calm_.clear();
  for (const auto& [risk, rank] : by_risk_) {
    if (risk >= risks_[than] || calm_.size() == most) break;
    calm_.push_back(static_cast<std::uint32_t>(ledger_.by_name()[rank]));
  }
  return calm_;
}

std::vector<std::uint32_t> RiskBook::calmer_but_unread(std::size_t than) const {
  std::vector<std::uint32_t> calm;
  std::copy_if(unread_.begin(), unread_.end(), std::back_inserter(calm),
               [&](std::uint32_t host) { return risks_[host] < risks_[than]; });
  return calm;
}

void RiskBook::sort_by_risk() {
  for (const std::size_t host : ledger_.by_name()) {
    if (may_receive(host)) {
      by_risk_.emplace_back(risks_[host], ranks_[host]);
    } else if (is_heard(host)) {
      unread_.push_back(static_cast<std::uint32_t>(host));
    }
  }
  std::sort(by_risk_.begin(), by_risk_.end());
}

bool RiskBook::is_heard(std::size_t host) const {
  return capacities_[host] > 0 && !ledger_.book(host).seen.stale;
}

bool RiskBook::may_receive(std::size_t host) const {
  return is_heard(host) && ledger_.book(host).state->detailed;
}

void RiskBook::judge_again(std::size_t host) {
  const std::pair before{risks_[host], ranks_[host]};
  judge(host);
  if (by_risk_.empty() || !may_receive(host)) return;
  by_risk_.erase(std::lower_bound(by_risk_.begin(), by_risk_.end(), before));
  const std::pair after{risks_[host], ranks_[host]};
  by_risk_.insert(std::lower_bound(by_risk_.begin(), by_risk_.end(), after), after);
}

void RiskBook::move(std::uint32_t position, std::size_t to) {
  Resident& resident = residents_[position];
  shift(resident, to);
  judge_again(resident.host);
  judge_again(to);
}

std::optional<std::uint32_t> RiskBook::position_of(const ContainerName& name,
                                                   std::size_t host) const {
  const auto begin = residents_.begin() + ranges_[host].first;
  const auto end = residents_.begin() + ranges_[host].last;
  const auto found =
      std::lower_bound(begin, end, name, [](const Resident& each, const ContainerName& wanted) {
        return each.container->name < wanted;
      });
  if (found == end || found->container->name != name) return std::nullopt;
  return static_cast<std::uint32_t>(found - residents_.begin());
}

const Resident* RiskBook::find(const ContainerName& name, std::size_t host) const {
  const auto position = position_of(name, host);
  return position && !residents_[*position].gone ? &residents_[*position] : nullptr;
}

void RiskBook::land(const ContainerName& name, std::size_t from, std::size_t to) {
  const auto position = position_of(name, from);
  if (position && !residents_[*position].gone) move(*position, to);
}

void RiskBook::take_back(const ContainerName& name, std::size_t from, std::size_t to) {
  const auto position = position_of(name, from);
  if (!position || !residents_[*position].gone) return;
  Resident& resident = residents_[*position];
  resident.gone = false;
  hosts_[to] -= resident.outlook;
  hosts_[from] += resident.outlook;
  judge_again(from);
  judge_again(to);
}

std::string describe_chance(double chance) {
  return chance < 1e-4 ? "less than 0.01 %" : fmt::format("{:.2g} %", 100 * chance);
}

std::string RiskBook::describe(std::size_t host) const {
  const std::string cores =
      fmt::format(" ({:.3g} of {:.3g} cores)", hosts_[host].mean, capacities_[host]);
  return fmt::format("{} expects {}", ledger_.book(host).state->name.str(),
                     describe_outlook(host, cores));
}

std::string RiskBook::describe_outlook(std::size_t host, std::string_view cores) const {
  if (!(capacities_[host] > 0)) return "an unknown load: its cores are not known";
  const double percent = 100 / capacities_[host];
  const double mean = hosts_[host].mean * percent;
  const double swing = std::sqrt(hosts_[host].variance) * percent;
  const double chance = overload_chance(hosts_[host], capacities_[host]);
  std::string text = fmt::format("{:.1f} % CPU{}", mean, cores);
  if (swing >= 0.05) text += fmt::format(", give or take {:.1f}", swing);
  if (mean > line_) text += fmt::format(", over its line of {:.4g}", line_);
  if (chance >= 1e-4) text += fmt::format(", {} to want more than it has", describe_chance(chance));
  return text;
}

}  // namespace plimsoll
