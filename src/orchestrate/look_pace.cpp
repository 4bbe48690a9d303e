#include "orchestrate/look_pace.h"

#include <algorithm>
#include <utility>

namespace plimsoll {
namespace {

constexpr std::chrono::seconds pause_min{10};
constexpr std::chrono::seconds pause_max{80};

}  // namespace

bool LookPace::rests(const std::set<HostId>& hot, Time now) const {
  const bool others = !std::ranges::includes(looked_at_, hot);
  return now - looked_ < (others ? std::min(pause_, pause_min) : pause_);
}

void LookPace::looked(std::set<HostId> hot, bool in_vain, Time now) {
  const bool again = pause_ >= pause_min && std::ranges::includes(looked_at_, hot);
  pause_ = again ? std::min(2 * pause_, pause_max) : pause_min;
  if (!in_vain) pause_ = std::chrono::seconds{0};
  looked_at_ = std::move(hot);
  looked_ = now;
}

}  // namespace plimsoll
