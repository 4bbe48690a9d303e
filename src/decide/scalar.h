#pragma once

#include <optional>
#include <string>

#include "decide/fleet.h"
#include "decide/policy.h"

namespace plimsoll {

/// The utilisations as one number, in the scalar's own unit (Policy::scalar). Unknown resources
/// count nothing; absent when all are unknown. More load never gives a lower one.
[[nodiscard]] std::optional<double> scalar_of(const Utilisation& used, const Policy& policy);

/// What scalar_of is held against: 1, `threshold` or `norm_threshold`.
[[nodiscard]] double scalar_line(const Policy& policy);

/// scalar_of over its line: 1 is the line whatever the scalar.
[[nodiscard]] std::optional<double> level_of(const Utilisation& used, const Policy& policy);

/// How much a host has to lose to lie at its target, in levels; 0: nothing. With `max` each
/// resource over its own target counts, so that relief of one is seen while another is worse.
[[nodiscard]] double excess(const Utilisation& used, const Policy& policy);

/// How much of the load in excess goes away from `before` to `after`, in levels, not cut at the
/// target: what moving a container brings.
[[nodiscard]] double relief(const Utilisation& before, const Utilisation& after,
                            const Policy& policy);

/// "96.0 % CPU, line 80", or with `sum` "sum 231.0 (CPU 96.0 %, memory 80.0 %, storage 55.0 %),
/// line 150".
[[nodiscard]] std::string describe_load(const Utilisation& used, const Policy& policy);

/// describe_load of `after`, without the line, told in the resource that was worst `before`:
/// "12.0 % CPU", "sum 120.0".
[[nodiscard]] std::string describe_level(const Utilisation& before, const Utilisation& after,
                                         const Policy& policy);

}  // namespace plimsoll
