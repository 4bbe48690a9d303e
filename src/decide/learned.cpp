#include "decide/learned.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

namespace plimsoll {
namespace {

/// Less of an image does not tell a rate, nor a share: round trips are most of it. Ours.
constexpr double bytes_min = 1.0 * mib;
/// Of data, which is looked at before it is sent. Ours.
constexpr double bulk_min = 8.0 * mib;
constexpr double seconds_min = 0.01;
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

std::optional<double> rate(Bytes bytes, double least, double seconds) {
  if (as_double(bytes) < least || !(seconds >= seconds_min)) return std::nullopt;
  const double rate = as_double(bytes) / seconds;
  return is_sane(rate) ? std::optional{rate} : std::nullopt;
}

/// Bytes sent for one that had to be written.
std::optional<double> sent_share(const PartMoved& part) {
  if (as_double(part.written) < bytes_min) return std::nullopt;
  const double share = as_double(part.sent) / as_double(part.written);
  return is_sane(share) && share < share_max ? std::optional{share} : std::nullopt;
}

/// Of its data, what was sent while it stood still.
std::optional<double> held_share(const PastMove& move) {
  constexpr double least = 0.001;
  if (as_double(move.data.sent) < bytes_min) return std::nullopt;
  return std::clamp(as_double(move.held) / as_double(move.data.sent), least, 1.0);
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

template <class Key>
double Learned::Means<Key>::of(const Key& key, double guess) const {
  const double general = all.with(guess, assumption_weight);
  const auto found = each.find(key);
  return found == each.end() ? general : found->second.with(general, assumption_weight);
}

Learned::Learned(const FleetSnapshot& fleet, const HostIndex& index, const Policy& policy,
                 TimePoint now)
    : assumed_bytes_per_s_(policy.assumed_bytes_per_s),
      assumed_restart_s_(std::max(policy.stop_seconds + policy.start_seconds, restart_s_min)),
      assumed_trips_s_(std::max(policy.round_trips * policy.assumed_rtt_s, seconds_min)) {
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
  for (const Link& link : fleet.links) {
    const auto from = index.find(link.from);
    const auto to = index.find(link.to);
    if (from && to && link.measured && is_sane(link.bytes_per_s)) {
      probes_.emplace(pair_key(*from, *to), link.bytes_per_s);
    }
  }
  std::vector<Lesson> lessons;
  lessons.reserve(moves.size());
  for (const PastMove* move : moves) {
    const double age = std::max(0.0, seconds(Duration{now - move->finished}));
    const auto from = index.find(move->from);
    const auto to = index.find(move->to);
    const std::string_view image = image_of(*move, fleet, index);
    lessons.push_back({move, from && to ? std::optional{pair_key(*from, *to)} : std::nullopt,
                       image.empty() ? std::nullopt : std::optional{image},
                       std::exp2(-age / seconds(policy.learn_half_life))});
  }
  // What comes on top of the bytes shows where they are few; without it, bulk shows the rate.
  for (const Lesson& lesson : lessons) learn_extra(lesson);
  for (const Lesson& lesson : lessons) learn_rate(lesson);
  for (const Lesson& lesson : lessons) {
    learn_image(lesson);
    learn_shares(lesson);
    learn_restart(lesson);
  }
}

double Learned::extra_of(const std::optional<std::string_view>& image) const {
  if (!image) return extras_.all.with(assumed_trips_s_, assumption_weight);
  return extras_.of(*image, assumed_trips_s_);
}

double Learned::rate_of(const Lesson& lesson) const {
  if (lesson.way) {
    const auto bulk = links_.each.find(*lesson.way);
    if (bulk != links_.each.end()) return bulk->second.with(assumed_bytes_per_s_, 0);
    const auto probe = probes_.find(*lesson.way);
    if (probe != probes_.end()) return probe->second;
  }
  return links_.all.with(assumed_bytes_per_s_, assumption_weight);
}

void Learned::learn_extra(const Lesson& lesson) {
  const PartMoved& data = lesson.move->data;
  if (as_double(data.sent) >= bulk_min || !is_sane(data.seconds)) return;
  const double extra = data.seconds - as_double(data.sent) / rate_of(lesson);
  extras_.add(lesson.image, std::max(seconds_min, extra), lesson.weight);
}

void Learned::learn_rate(const Lesson& lesson) {
  const PartMoved& data = lesson.move->data;
  const double extra = std::min(data.seconds / 2, extra_of(lesson.image));
  const auto found = rate(data.sent, bulk_min, data.seconds - extra);
  if (found) links_.add(lesson.way, *found, lesson.weight);
}

void Learned::learn_image(const Lesson& lesson) {
  const PartMoved& image = lesson.move->image;
  const auto found = rate(image.written, bytes_min, image.seconds);
  if (found) loads_.add(lesson.way, *found, lesson.weight);
}

void Learned::learn_shares(const Lesson& lesson) {
  const PastMove& move = *lesson.move;
  if (const auto share = sent_share(move.image)) {
    image_share_.add(lesson.image, *share, lesson.weight);
  }
  if (const auto share = sent_share(move.data)) {
    data_share_.add(lesson.image, *share, lesson.weight);
  }
  if (const auto held = held_share(move)) held_share_.add(lesson.image, *held, lesson.weight);
}

/// The stop less the time in which data was sent.
void Learned::learn_restart(const Lesson& lesson) {
  const PastMove& move = *lesson.move;
  if (!is_sane(move.downtime_s) || !lesson.image) return;
  const double sending = as_double(move.held) / rate_of(lesson);
  restarts_.add(lesson.image, std::max(restart_s_min, move.downtime_s - sending), lesson.weight);
}

Experience Learned::experience(std::size_t from, std::size_t to, const Way& way,
                               const std::string& image_id) const {
  Experience experience;
  experience.sent = {image_share_.of(image_id, 1), data_share_.of(image_id, 1),
                     held_share_.of(image_id, 1)};
  if (loads_.all.weight > 0) {
    experience.image_bytes_per_s = loads_.of(pair_key(from, to), way.bytes_per_s);
  }
  if (extras_.all.weight > 0) experience.data_extra_s = extra_of(image_id);
  const auto restart = restarts_.each.find(image_id);
  if (restart != restarts_.each.end()) {
    experience.restart_s = restart->second.with(assumed_restart_s_, assumption_weight);
  }
  return experience;
}

Way Learned::way(std::size_t from, std::size_t to, const Way& known) const {
  if (!is_sane(known.bytes_per_s)) return known;
  Way way = known;
  const double guess =
      known.measured ? known.bytes_per_s : links_.all.with(known.bytes_per_s, assumption_weight);
  const auto found = links_.each.find(pair_key(from, to));
  if (found == links_.each.end()) {
    way.bytes_per_s = guess;
    return way;
  }
  way.bytes_per_s = found->second.with(guess, known.measured ? probe_weight : assumption_weight);
  way.measured = true;
  return way;
}

}  // namespace plimsoll
