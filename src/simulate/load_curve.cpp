#include "simulate/load_curve.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plimsoll {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t mixed(std::uint64_t bits) {
  bits += 0x9e3779b97f4a7c15U;
  bits = (bits ^ bits >> 30U) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ bits >> 27U) * 0x94d049bb133111ebU;
  return bits ^ bits >> 31U;
}

/// How often a stretch of `every` has ended, with none: at each moment once.
std::uint64_t laps(Duration time, Duration every) {
  return static_cast<std::uint64_t>(every.count() > 0 ? time / every : time.count());
}

/// The same for times before 0, which have laps of their own, far from those after.
std::uint64_t laps_before(Duration time, Duration every) { return ~laps(-time, every); }

double step(const CurvePart& part, Duration since) {
  const Duration into = part.every.count() > 0 ? since % part.every : since;
  return into < part.lasts ? part.amount : 0;
}

double ramp(const CurvePart& part, Duration since) {
  return since >= part.lasts ? part.amount : part.amount * seconds(since) / seconds(part.lasts);
}

double sine(const CurvePart& part, Duration since) {
  const double turn = seconds(since) / seconds(part.every);
  return part.amount * (1 - std::cos(2 * std::numbers::pi * turn)) / 2;
}

double flash(const CurvePart& part, Duration since) {
  if (since < part.rise) return part.amount * seconds(since) / seconds(part.rise);
  return part.amount * std::exp2(-seconds(since - part.rise) / seconds(part.halves));
}

double recorded(const CurvePart& part, Duration since) {
  if (part.values.empty()) return 0;
  const std::size_t last = part.values.size() - 1;
  return part.amount * part.values[std::min<std::size_t>(laps(since, part.every), last)];
}

/// What was there at the first moment and does not end, was there before.
double value_before(const CurvePart& part, Duration time, std::uint64_t seed) {
  if (part.at > Duration{0}) return 0;
  switch (part.shape) {
    case CurveShape::constant:
      return part.amount;
    case CurveShape::step:
      return part.every.count() > 0 || part.lasts != Duration::max() ? 0 : part.amount;
    case CurveShape::sine:
      return sine(part, time - part.at);
    case CurveShape::noise:
      return part.amount * bell_at(seed, laps_before(time, part.every));
    case CurveShape::recorded:
      return recorded(part, Duration{0});
    case CurveShape::ramp:
    case CurveShape::flash:
      break;
  }
  return 0;
}

double value_of(const CurvePart& part, Duration time, std::uint64_t seed) {
  if (time < Duration{0}) return value_before(part, time, seed);
  const Duration since = time - part.at;
  if (since < Duration{0}) return 0;
  switch (part.shape) {
    case CurveShape::constant:
      return part.amount;
    case CurveShape::step:
      return step(part, since);
    case CurveShape::ramp:
      return ramp(part, since);
    case CurveShape::sine:
      return sine(part, since);
    case CurveShape::flash:
      return flash(part, since);
    case CurveShape::noise:
      return part.amount * bell_at(seed, laps(since, part.every));
    case CurveShape::recorded:
      return recorded(part, since);
  }
  return 0;
}

}  // namespace

double uniform_at(std::uint64_t seed, std::uint64_t index) {
  return static_cast<double>(mixed(mixed(seed) ^ index) >> 11U) * 0x1.0p-53;
}

double bell_at(std::uint64_t seed, std::uint64_t index) {
  double sum = -6;
  for (std::uint64_t i = 0; i < 12; ++i) sum += uniform_at(seed, index * 12 + i);
  return sum;
}

double LoadCurve::at(Duration time, std::uint64_t seed) const {
  double sum = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) sum += value_of(parts_[i], time, mixed(seed + i));
  return std::max(sum, 0.0);
}

}  // namespace plimsoll
