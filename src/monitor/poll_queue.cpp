#include "monitor/poll_queue.h"

#include <algorithm>

namespace plimsoll {

void PollQueue::put(const HostId& host, Clock::time_point time) {
  remove(host);
  places_[host] = queue_.emplace(time, host);
}

void PollQueue::add(const HostId& host, Clock::time_point now) {
  put(host, place_after(host, now));
}

void PollQueue::add_due(const HostId& host, Clock::time_point now) { put(host, now); }

void PollQueue::remove(const HostId& host) {
  const auto found = places_.find(host);
  if (found == places_.end()) return;
  queue_.erase(found->second);
  places_.erase(found);
}

void PollQueue::set_interval(Duration interval, Clock::time_point now) {
  interval_ = interval;
  Queue moved;
  for (const auto& [time, host] : queue_) {
    places_[host] = moved.emplace(std::min(time, place_after(host, now)), host);
  }
  queue_ = std::move(moved);
}

std::size_t PollQueue::burst() const {
  constexpr std::size_t least = 4;
  constexpr std::size_t times_the_mean = 4;
  const auto in_pace = times_the_mean * places_.size() * static_cast<std::size_t>(pace.count()) /
                       static_cast<std::size_t>(interval_.count());
  return std::max(least, in_pace);
}

std::vector<PollQueue::Due> PollQueue::take(Clock::time_point now, std::size_t room) {
  std::vector<Due> due;
  const std::size_t most = std::min(burst(), room);
  while (due.size() < most && !queue_.empty() && queue_.begin()->first <= now) {
    auto first = queue_.extract(queue_.begin());
    const auto time = first.key();
    const auto missed = (now - time) / Clock::duration{interval_};
    const auto late = (now - time) - missed * Clock::duration{interval_};
    due.push_back({first.mapped(), late, static_cast<std::uint64_t>(missed)});
    first.key() = place_after(first.mapped(), now - late);
    const auto again = queue_.insert(std::move(first));
    places_[again->second] = again;
  }
  return due;
}

PollQueue::Clock::time_point PollQueue::next(Clock::time_point now) const {
  if (queue_.empty()) return Clock::time_point::max();
  const auto first = queue_.begin()->first;
  return first <= now ? now + pace : first;
}

}  // namespace plimsoll
