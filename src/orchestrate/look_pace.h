#pragma once

#include <chrono>
#include <set>

#include "core/ids.h"

namespace plimsoll {

/// How often hosts that are hot are looked at closer. That costs them something, and one that is
/// overloaded has little to spare: hosts for which nothing could be done are looked at less and
/// less often, until others are hot too, or none is.
class LookPace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool rests(const std::set<HostId>& hot, Time now) const;
  /// `in_vain`: the look found nothing to do, or only what waits already.
  void looked(std::set<HostId> hot, bool in_vain, Time now);
  void none_is_hot() { pause_ = std::chrono::seconds{0}; }

 private:
  std::set<HostId> looked_at_;
  Time looked_;
  std::chrono::seconds pause_{0};
};

}  // namespace plimsoll
