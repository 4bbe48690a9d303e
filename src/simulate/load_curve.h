#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/time.h"

namespace plimsoll {

/// The same on every machine: a number in [0, 1) told from a seed and a place in its row.
[[nodiscard]] double uniform_at(std::uint64_t seed, std::uint64_t index);
/// The same with mean 0 and standard deviation 1, never past 6: the sum of twelve uniform ones.
[[nodiscard]] double bell_at(std::uint64_t seed, std::uint64_t index);

/// What a part of a load looks like over time; `amount` is in the unit of the load.
enum class CurveShape {
  constant,  ///< Always `amount`.
  step,      ///< `amount` from `at` on, for `lasts`; with `every` again and again.
  ramp,   ///< From `at` on it grows evenly to `amount`, which it reaches after `lasts`, and stays.
  sine,   ///< A day: 0 at `at` (and before), `amount` half of `every` later, and so on.
  flash,  ///< From `at` on to `amount` within `rise`; halves every `halves` after that.
  noise,  ///< Standard deviation `amount`, drawn anew every `every`; 0: at every look.
  recorded,  ///< `values`, each for `every`; the last one stays. Times `amount`.
};

/// One part of a load.
struct CurvePart {
  CurveShape shape = CurveShape::constant;
  double amount = 0;
  Duration at{0};
  Duration lasts{Duration::max()};
  Duration every{0};  ///< 0: once.
  Duration rise{30'000};
  Duration halves{300'000};
  std::vector<double> values;
};

/// A load over time: the sum of its parts, never less than 0.
class LoadCurve {
 public:
  LoadCurve() = default;
  explicit LoadCurve(std::vector<CurvePart> parts) : parts_(std::move(parts)) {}

  /// `time`: since the start; before it there was what begins at 0 and stays: constants, lasting
  /// steps, sines, noise, and the first of recorded values. `seed`: what noise is drawn from; equal
  /// seeds give equal noise, whatever was asked before.
  [[nodiscard]] double at(Duration time, std::uint64_t seed) const;

 private:
  std::vector<CurvePart> parts_;
};

}  // namespace plimsoll
