#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "agent/goodput_probe.h"

namespace plimsoll {

/// The last measurement of each target, for callers to whom an older one will do: several commands
/// in a row then send the bytes once. Bounded: the oldest makes room.
class ProbeMemory {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t targets_max = 64;

  void keep(const std::string& target, const ProbeReport& report, Clock::time_point now) {
    known_.insert_or_assign(target, Kept{report, now});
    if (known_.size() <= targets_max) return;
    auto oldest = known_.begin();
    for (auto it = known_.begin(); it != known_.end(); ++it) {
      if (it->second.at < oldest->second.at) oldest = it;
    }
    known_.erase(oldest);
  }

  /// With its age filled in; nothing where there is none so young.
  [[nodiscard]] std::optional<ProbeReport> find(const std::string& target, Duration max_age,
                                                Clock::time_point now) const {
    const auto found = known_.find(target);
    if (found == known_.end() || now - found->second.at >= max_age) return std::nullopt;
    auto report = found->second.report;
    report.age = std::chrono::duration_cast<Duration>(now - found->second.at);
    return report;
  }

 private:
  struct Kept {
    ProbeReport report;
    Clock::time_point at;
  };
  std::map<std::string, Kept> known_;
};

}  // namespace plimsoll
