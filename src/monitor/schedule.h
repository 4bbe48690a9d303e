#pragma once

#include <chrono>

#include "core/ids.h"
#include "core/text.h"
#include "core/time.h"

namespace plimsoll {

/// When hosts are polled: each at the same place in every interval, which its name's hash gives.
/// So load is spread evenly, and a host that is added, changed or asked late keeps its place.
class Schedule {
 public:
  using Clock = std::chrono::steady_clock;

  /// Requires: interval > 0.
  Schedule(const HostId& host, Duration interval)
      : interval_(interval),
        offset_(stable_hash(host.str()) % static_cast<std::uint64_t>(interval.count())) {}

  /// The first poll after `now`; polls that were missed are not made up for.
  [[nodiscard]] Clock::time_point next(Clock::time_point now) const {
    const auto since = now.time_since_epoch() - offset_;
    const auto rest = since % Clock::duration{interval_};
    return now + (Clock::duration{interval_} - rest);
  }

 private:
  Duration interval_;
  Duration offset_;
};

}  // namespace plimsoll
