#include "decide/learned.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

namespace plimsoll {
namespace {

/// Less does not tell a rate: round trips and slow start are most of it. Ours.
constexpr double bytes_min = 1.0 * mib;
constexpr double transfer_s_min = 0.01;
/// More was sent than foreseen: something grew, which tells nothing of how it is sent. Ours.
constexpr double share_max = 4;
/// No process is back sooner, whatever the clocks say.
constexpr double restart_s_min = 0.05;
/// What a probe, or an assumption about all images, counts for beside a move of today. Ours.
constexpr double probe_weight = 1.0;
constexpr double assumption_weight = 0.5;

std::uint64_t pair_key(std::size_t from, std::size_t to) {
  return std::uint64_t{from} << 32 | std::uint64_t{to};
}

bool is_sane(double value) { return std::isfinite(value) && value > 0; }

std::optional<double> rate_of(const PastMove& move) {
  if (as_double(move.bytes) < bytes_min || move.transfer_s < transfer_s_min) return std::nullopt;
  const double rate = as_double(move.bytes) / move.transfer_s;
  return is_sane(rate) ? std::optional{rate} : std::nullopt;
}

/// The stop less the time in which data was sent.
std::optional<double> restart_of(const PastMove& move) {
  if (!is_sane(move.downtime_s)) return std::nullopt;
  const double share =
      count(move.bytes) == 0 ? 0 : std::min(1.0, as_double(move.data) / as_double(move.bytes));
  const double sending = is_sane(move.transfer_s) ? share * move.transfer_s : 0;
  return std::max(restart_s_min, move.downtime_s - sending);
}

/// Bytes sent for one that had to be written.
std::optional<double> sent_share_of(const PastMove& move) {
  if (as_double(move.written) < bytes_min) return std::nullopt;
  const double share = as_double(move.bytes) / as_double(move.written);
  return is_sane(share) && share < share_max ? std::optional{share} : std::nullopt;
}

/// Of its data, what was sent while it stood still.
std::optional<double> held_share_of(const PastMove& move) {
  constexpr double least = 0.001;
  const double data = as_double(move.bytes) - as_double(move.image);
  if (data < bytes_min) return std::nullopt;
  return std::clamp(as_double(move.data) / data, least, 1.0);
}

std::string_view image_of(const PastMove& move, const FleetSnapshot& fleet,
                          const HostIndex& index) {
  if (!move.image_id.empty()) return move.image_id;
  const auto to = index.find(move.to);
  if (!to) return {};
  const auto& there = fleet.hosts[*to].containers;
  const auto found = std::find_if(there.begin(), there.end(), [&](const ContainerState& each) {
    return each.name == move.container;
  });
  return found == there.end() ? std::string_view{} : std::string_view{found->image_id};
}

}  // namespace

void Learned::Mean::add(double value, double by) {
  logs += by * std::log(value);
  weight += by;
}

double Learned::Mean::with(double guess, double by) const {
  if (weight <= 0) return guess;
  return std::exp((logs + by * std::log(guess)) / (weight + by));
}

Learned::Learned(const FleetSnapshot& fleet, const HostIndex& index, const Policy& policy,
                 TimePoint now)
    : assumed_restart_s_(std::max(policy.stop_seconds + policy.start_seconds, restart_s_min)) {
  const TimePoint oldest = now - learning_needed(policy);
  // In an order of their own, so that sums do not depend on that of the input.
  std::vector<const PastMove*> moves;
  for (const PastMove& move : fleet.past) {
    if (move.succeeded && move.finished > oldest) moves.push_back(&move);
  }
  std::sort(moves.begin(), moves.end(), [](const PastMove* a, const PastMove* b) {
    return std::tie(a->finished, a->container, a->from, a->to) <
           std::tie(b->finished, b->container, b->from, b->to);
  });
  for (const PastMove* move : moves) {
    const double age = std::max(0.0, seconds(Duration{now - move->finished}));
    learn(*move, fleet, index, std::exp2(-age / seconds(policy.learn_half_life)));
  }
}

void Learned::learn(const PastMove& move, const FleetSnapshot& fleet, const HostIndex& index,
                    double weight) {
  const auto from = index.find(move.from);
  const auto to = index.find(move.to);
  if (const auto rate = rate_of(move)) {
    if (from && to) links_[pair_key(*from, *to)].add(*rate, weight);
    anywhere_.add(*rate, weight);
  }
  const std::string_view image = image_of(move, fleet, index);
  const auto restart = restart_of(move);
  if (restart && !image.empty()) restarts_[image].add(*restart, weight);
  const auto share = sent_share_of(move);
  if (!share) return;
  const bool mostly_image = as_double(move.image) > as_double(move.bytes) / 2;
  (mostly_image ? images_ : data_).add(image, *share, weight);
  if (const auto held = held_share_of(move)) held_.add(image, *held, weight);
}

void Learned::Shares::add(std::string_view image, double share, double weight) {
  anywhere.add(share, weight);
  if (!image.empty()) by_image[image].add(share, weight);
}

double Learned::Shares::of(const std::string& image_id) const {
  const double all = anywhere.with(1, assumption_weight);
  if (by_image.empty()) return all;
  const auto found = by_image.find(image_id);
  return found == by_image.end() ? all : found->second.with(all, assumption_weight);
}

SentShare Learned::sent_share(const std::string& image_id) const {
  return {images_.of(image_id), data_.of(image_id), held_.of(image_id)};
}

Way Learned::way(std::size_t from, std::size_t to, const Way& known) const {
  if (!is_sane(known.bytes_per_s)) return known;
  Way way = known;
  const double guess =
      known.measured ? known.bytes_per_s : anywhere_.with(known.bytes_per_s, assumption_weight);
  const auto found = links_.find(pair_key(from, to));
  if (found == links_.end()) {
    way.bytes_per_s = guess;
    return way;
  }
  way.bytes_per_s = found->second.with(guess, known.measured ? probe_weight : assumption_weight);
  way.measured = true;
  return way;
}

std::optional<double> Learned::restart_seconds(const std::string& image_id) const {
  if (restarts_.empty()) return std::nullopt;
  const auto found = restarts_.find(image_id);
  if (found == restarts_.end()) return std::nullopt;
  return found->second.with(assumed_restart_s_, assumption_weight);
}

}  // namespace plimsoll
