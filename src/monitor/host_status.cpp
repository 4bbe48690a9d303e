#include "monitor/host_status.h"

#include "core/text.h"

namespace plimsoll {

HostStatus::Change HostStatus::note(const PollOutcome& outcome, TimePoint at) {
  const bool changed = !polled || up != outcome.reading.has_value();
  polled = true;
  up = outcome.reading.has_value();
  error_class = outcome.error_class;
  if (up) {
    failures = 0;
    error.clear();
    brief.clear();
    last_seen = at;
  } else {
    ++failures;
    error = printable(outcome.reading.error().message);
    brief = printable(outcome.brief);
    skew.reset();
  }
  if (!changed) return Change::none;
  return up ? Change::up : Change::down;
}

HostStatus::ClockChange HostStatus::note_clock(const std::optional<ClockSkew>& measured) {
  skew = measured;
  if (!skew) return ClockChange::none;
  // What is just at the limit would be told again and again.
  constexpr double surely_right_s = 0.8 * clock_skew_warn_s;
  if (!clock_warned && skew->is_beyond(clock_skew_warn_s)) {
    clock_warned = true;
    return ClockChange::off;
  }
  if (clock_warned && std::abs(skew->ahead_s) < surely_right_s) {
    clock_warned = false;
    return ClockChange::right;
  }
  return ClockChange::none;
}

}  // namespace plimsoll
