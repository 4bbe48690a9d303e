#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "decide/fleet.h"

namespace plimsoll {

/// What the newest samples of one container say of its CPU, before it is held against the others.
/// Unit: cores, squares of cores.
struct Spread {
  double mean = 0;
  double latest = 0;
  double squares = 0;     ///< Sum of the squared deviations upwards, doubled.
  double deviations = 0;  ///< Sum of all squared deviations.
  double successive = 0;  ///< Sum of the products of neighbouring deviations.
  std::size_t samples = 0;
};

/// Looks at the newest `spread_samples`. One sample far above all others is no evidence yet: the
/// highest one counts at most as the second highest, or as six standard deviations above the mean
/// of the others, whatever is more. Figures that are no numbers count as 0.
/// Ours, tuned on three days of traces (docs/decisions/0022-default-detector.md).
[[nodiscard]] Spread spread_of(std::span<const ContainerSample> samples);
inline constexpr std::size_t spread_samples = 36;

/// Whether a container uses more now than its windows before had at their highest: what has been so
/// and passed again, as a job that runs every few minutes, will pass again. `peaks` are of windows
/// as they follow each other, the newest last; up to three of them, the newest, may belong to the
/// rise itself. With fewer than three windows nobody knows. Ours.
[[nodiscard]] bool is_new_height(double lately, std::span<const double> peaks);

/// What is expected of the coming steps. Unit: cores, squares of cores.
struct Outlook {
  double mean = 0;
  double variance = 0;
  Outlook& operator+=(const Outlook& other);
  Outlook& operator-=(const Outlook& other);
  friend Outlook operator+(Outlook a, const Outlook& b) { return a += b; }
  friend Outlook operator-(Outlook a, const Outlook& b) { return a -= b; }
};

/// The outlook of each: the mean leans towards the latest sample as far as samples have followed
/// their predecessors, and variance and that correlation lean towards those of the whole fleet
/// while a container has few samples of its own. Variances are upward: what falls is no risk.
[[nodiscard]] std::vector<Outlook> outlooks_of(std::span<const Spread> spreads);

/// How likely a host wants more CPU than it has, and how badly: the tail of a logistic distribution
/// (slope 1.3 per standard deviation: measured on the traces, where the chance of an overload falls
/// by a factor of e in 0.8 standard deviations, far slower than a normal one), and a fifth of what
/// the mean lies above the line, so that a calm host far above its line counts too, and one that is
/// hopelessly overloaded gains by every move.
/// `line`: percent of the capacity. Never lower for a higher mean; 0 without capacity.
[[nodiscard]] double overload_risk(const Outlook& host, double capacity, double line);

/// The least of the newest few of a host's values, if all of these lie so far above those before
/// them that its load has changed; 0: it has not, or nobody can tell. `values`: newest first.
[[nodiscard]] double shifted_level(std::span<const double> values);

/// How a host stands: what is expected of it, and what its load has lately changed to, or 0.
struct SpreadStand {
  Outlook expected;
  double shifted_to = 0;
};

/// Whether a host lies over its line all the time: its mean less five standard deviations does, or
/// what its load has changed to. `line`: percent of the capacity.
/// Ours: with three the smooth workloads of the yardstick move half as often again (decision 50).
[[nodiscard]] bool steadily_over(const SpreadStand& host, double capacity, double line);

/// Its first part: a chance between 0 and 1.
[[nodiscard]] double overload_chance(const Outlook& host, double capacity);

}  // namespace plimsoll
