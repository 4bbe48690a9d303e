#pragma once

#include "decide/fleet.h"
#include "decide/history.h"
#include "decide/plan.h"
#include "decide/policy.h"

namespace plimsoll {

/// Whether telemetry is too old to trust at `now`: the last poll failed, there is none, it is older
/// than stale_limit(), or it claims to come from as far in the future.
[[nodiscard]] bool is_stale(const HostState& host, const Policy& policy, TimePoint now);

/// What a host is judged by: smoothed utilisation over the window that ends at `at`, from samples
/// of the quiet time only. All absent when the newest of these is older than stale_limit() at `at`,
/// or when they speak for less than Policy::coverage of the window.
[[nodiscard]] Utilisation smoothed(const HostState& host, const Policy& policy, TimePoint at,
                                   const QuietTime& quiet);

/// Policy::percentile of the same samples.
[[nodiscard]] Utilisation high_of(const HostState& host, const Policy& policy, TimePoint at,
                                  const QuietTime& quiet);

/// Evaluations over the line, recomputed from the history itself: one now and one every
/// evaluate_every before it, `hold.n` in all.
struct Held {
  int over = 0;
  int looks = 0;        ///< Evaluations for which there was anything to look at.
  bool now = false;     ///< The newest one was over the line.
  bool enough = false;  ///< Over now, and in hold.k of hold.n.
};
[[nodiscard]] Held held_over_line(const HostState& host, const Policy& policy, TimePoint now,
                                  const QuietTime& quiet);

/// Whether the newest samples, each for itself, lie over the line on CPU in hold.k of the last
/// hold.n evaluations, the newest among them: what a window shows later. Evaluations are counted
/// back from the newest sample, so that no phase between sampling and evaluating matters.
[[nodiscard]] bool rises_suddenly(const HostState& host, const Policy& policy, TimePoint now,
                                  const QuietTime& quiet);

/// Whether the window up to now is known well enough to judge by. Where no move disturbs it,
/// smoothed() and high_of() then give HostAssessment::used and high, and otherwise nothing.
[[nodiscard]] bool is_known(const HostState& host, const Policy& policy, TimePoint now,
                            const QuietTime& quiet);

/// How a host stands: figures from all of the window, however little of it there is, and `held`
/// from the quiet time.
[[nodiscard]] HostAssessment assess_host(const HostState& host, const Policy& policy, TimePoint now,
                                         const QuietTime& quiet);

}  // namespace plimsoll
