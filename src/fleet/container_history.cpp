#include "fleet/container_history.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "decide/spread.h"

namespace plimsoll {
namespace {

constexpr int kept = static_cast<int>(spread_samples);

const std::vector<ContainerSample> nothing;

template <class Each>
void keep_newest(std::vector<Each>& list) {
  if (list.size() <= spread_samples) return;
  list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(spread_samples));
}

using Arrivals = std::map<std::pair<HostId, ContainerName>, const PastMove*>;

/// The newest moves that brought containers where they are.
Arrivals arrivals_of(const std::vector<PastMove>& past) {
  Arrivals arrivals;
  for (const PastMove& move : past) {
    if (!move.succeeded) continue;
    const PastMove*& newest = arrivals[{move.to, move.container}];
    if (newest == nullptr || newest->finished < move.finished) newest = &move;
  }
  return arrivals;
}

std::vector<ContainerSample> joined(const std::vector<ContainerSample>& there,
                                    const std::vector<ContainerSample>& here, TimePoint moved) {
  std::vector<ContainerSample> all;
  const auto before = [&](const ContainerSample& sample) { return sample.time <= moved; };
  std::copy_if(there.begin(), there.end(), std::back_inserter(all), before);
  std::copy_if(here.begin(), here.end(), std::back_inserter(all), std::not_fn(before));
  keep_newest(all);
  return all;
}

}  // namespace

std::optional<ContainerHistories::Missing> ContainerHistories::missing(const Policy& policy,
                                                                       TimePoint now) {
  const bool goes_on =
      until_ && window_ == policy.window && *until_ <= now && now - *until_ < 2 * policy.window;
  if (goes_on) return std::nullopt;
  windows_.clear();
  until_.reset();
  window_ = policy.window;
  return Missing{kept, now};
}

void ContainerHistories::add(const ContainerKey& key, ContainerSample sample, double peak) {
  Windows& windows = windows_[key];
  windows.samples.push_back(sample);
  windows.peaks.push_back(peak);
  keep_newest(windows.samples);
  keep_newest(windows.peaks);
}

bool ContainerHistories::is_new_height(const ContainerKey& key, double cores) const {
  const auto found = windows_.find(key);
  return found == windows_.end() || plimsoll::is_new_height(cores, found->second.peaks);
}

bool ContainerHistories::is_due(TimePoint now) const { return until_ && now - *until_ >= window_; }

void ContainerHistories::added_until(TimePoint now) {
  until_ = now;
  const TimePoint oldest = now - kept * window_;
  std::erase_if(windows_,
                [&](const auto& each) { return each.second.samples.back().time < oldest; });
}

const std::vector<ContainerSample>& ContainerHistories::of(const ContainerKey& key) const {
  const auto found = windows_.find(key);
  return found == windows_.end() ? nothing : found->second.samples;
}

const std::vector<ContainerSample>& ContainerHistories::of(const HostId& host,
                                                           const ContainerName& name) const {
  const std::vector<ContainerSample>* newest = &nothing;
  const ContainerKey first{host.str(), name.str(), ""};
  for (auto each = windows_.lower_bound(first); each != windows_.end(); ++each) {
    if (each->first[0] != host.str() || each->first[1] != name.str()) break;
    const auto& samples = each->second.samples;
    if (newest->empty() || newest->back().time < samples.back().time) newest = &samples;
  }
  return *newest;
}

void carry_histories(const ContainerHistories& histories, FleetSnapshot* fleet) {
  const Arrivals arrivals = arrivals_of(fleet->past);
  if (arrivals.empty()) return;
  for (HostState& host : fleet->hosts) {
    for (ContainerState& container : host.containers) {
      const auto arrival = arrivals.find({host.name, container.name});
      if (arrival == arrivals.end() || container.samples.size() >= spread_samples) continue;
      const PastMove& move = *arrival->second;
      const auto& there = histories.of(move.from, container.name);
      if (!there.empty()) container.samples = joined(there, container.samples, move.started);
    }
  }
}

}  // namespace plimsoll
