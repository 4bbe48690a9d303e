#include "monitor/live_fleet.h"

namespace plimsoll {

bool LiveFleet::note(const HostId& host, const PollOutcome& outcome, TimePoint at) {
  auto& live = hosts_[host];
  const bool first = !live.last_polled;
  const bool was_up = live.up;
  live.last_polled = at;
  live.up = outcome.reading.has_value();
  live.error = live.up ? std::string{} : outcome.reading.error().message;
  if (live.up) {
    live.reading = *outcome.reading;
    live.last_seen = at;
  }
  return first || was_up != live.up;
}

}  // namespace plimsoll
