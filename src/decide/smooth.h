#pragma once

#include <span>

#include "core/time.h"
#include "decide/fleet.h"

namespace plimsoll {

/// The samples in (after, until], out of ones that stand oldest first. `before` is the sample in
/// front of them, if any: the first one's interval begins there.
struct Stretch {
  std::span<const Sample> samples;
  const Sample* before = nullptr;
};
[[nodiscard]] Stretch stretch(std::span<const Sample> samples, TimePoint after, TimePoint until);

/// How long a sample stands for: since the one before it, at most `longest`, so that the first one
/// after a gap does not speak for the whole gap. `first` is for one with nothing before it.
struct SampleSpan {
  Duration first;
  Duration longest;
};

/// How long the samples stand for in all.
[[nodiscard]] Duration covered(const Stretch& window, const SampleSpan& span);

/// Mean of each resource, each sample weighted with the time it stands for. Absent where no sample
/// has the resource. Never lower when a sample is higher.
[[nodiscard]] Utilisation mean_of(const Stretch& window, const SampleSpan& span);

/// The value that each resource did not pass for `percent` of the time.
[[nodiscard]] Utilisation percentile_of(const Stretch& window, const SampleSpan& span,
                                        double percent);

/// Resource by resource the higher of two; what one does not know the other says.
[[nodiscard]] Utilisation higher_of(const Utilisation& a, const Utilisation& b);

}  // namespace plimsoll
