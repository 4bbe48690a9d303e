#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/ids.h"
#include "monitor/schedule.h"

namespace plimsoll {

/// Which host is to be polled when. Pure: the time comes as an argument.
///
/// Hosts keep their places in the interval (Schedule). After a stall what is overdue is given out
/// at a bounded rate, so that a pause of the machine ends in no burst of connections.
class PollQueue {
 public:
  using Clock = Schedule::Clock;

  struct Due {
    HostId host;
    Clock::duration late;  ///< After its place in the interval.
    std::uint64_t missed =
        0;  ///< Polls that were left out since they would be late by whole intervals.
  };

  /// Requires: interval > 0.
  explicit PollQueue(Duration interval) : interval_(interval) {}

  /// Its first poll comes within an interval.
  void add(const HostId& host, Clock::time_point now);
  /// Its first poll is due at once, for a host that somebody adds and waits to see; many such come
  /// at the bounded rate.
  void add_due(const HostId& host, Clock::time_point now);
  void remove(const HostId& host);
  /// From now on with another interval. No gap between two polls of a host is longer than the
  /// longer interval.
  void set_interval(Duration interval, Clock::time_point now);

  /// Takes what is due, at most `burst()` and `room`, the most overdue first; each comes again at
  /// its next place.
  [[nodiscard]] std::vector<Due> take(Clock::time_point now, std::size_t room = SIZE_MAX);
  /// When take() should be called again. Requires: now as in the last take().
  [[nodiscard]] Clock::time_point next(Clock::time_point now) const;

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// At most so many are given out in `pace`: four times what an interval holds on average.
  [[nodiscard]] std::size_t burst() const;
  static constexpr Duration pace{10};

 private:
  using Queue = std::multimap<Clock::time_point, HostId>;

  void put(const HostId& host, Clock::time_point time);
  [[nodiscard]] Clock::time_point place_after(const HostId& host, Clock::time_point time) const {
    return Schedule{host, interval_}.next(time);
  }

  Duration interval_;
  Queue queue_;
  std::map<HostId, Queue::iterator> places_;
};

}  // namespace plimsoll
