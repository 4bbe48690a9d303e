#include "move/precopy.h"

namespace plimsoll {
namespace {

Bytes expected_next(const PrecopyRound& last) { return last.written_since.value_or(last.sent); }

}  // namespace

bool another_round(const std::vector<PrecopyRound>& rounds, const PrecopyRules& rules) {
  if (rounds.empty()) return true;
  if (rounds.size() >= static_cast<std::size_t>(rules.rounds_max)) return false;
  const PrecopyRound& last = rounds.back();
  if (expected_next(last) <= rules.small) return false;
  if (last.written_since)
    return as_double(*last.written_since) < rules.shrink * as_double(last.sent);
  // The first round sends all there is, which says nothing about how fast it changes.
  if (rounds.size() == 1) return true;
  return as_double(last.sent) < rules.shrink * as_double(rounds[rounds.size() - 2].sent);
}

FinalDelta expected_final_delta(const std::vector<PrecopyRound>& rounds) {
  if (rounds.empty()) return {};
  Bytes sent{};
  Duration duration{0};
  for (const PrecopyRound& round : rounds) {
    sent += round.sent;
    duration += round.duration;
  }
  const PrecopyRound& last = rounds.back();
  FinalDelta delta{.bytes = expected_next(last), .duration = last.duration};
  if (last.written_since && count(sent) > 0) {
    const double ms_per_byte = static_cast<double>(duration.count()) / as_double(sent);
    delta.duration = Duration{static_cast<Duration::rep>(as_double(delta.bytes) * ms_per_byte)};
  }
  return delta;
}

}  // namespace plimsoll
