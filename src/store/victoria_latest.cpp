#include "store/victoria_latest.h"

#include <algorithm>

namespace plimsoll {
namespace {

// Clocks of monitors may be ahead of ours.
constexpr Duration ahead_max = std::chrono::hours{1};
// Series whose last points are this close are fetched together, all others one by one.
constexpr Duration together = std::chrono::seconds{10};

bool later(const VictoriaLast& a, const VictoriaLast& b) { return a.time > b.time; }

}  // namespace

void VictoriaLatest::written(const Point& point) {
  const auto known = known_.find(point.measurement);
  if (known == known_.end()) return;
  constexpr Duration margin = std::chrono::minutes{1};
  const bool old = point.time < client_.config().clock() - recent + margin;
  known->second.outdated = known->second.outdated || old;
}

bool VictoriaLatest::knows_the_rest(const LatestQuery& query, TimePoint now) const {
  const auto known = known_.find(query.measurement);
  if (!query.tags.empty() || known == known_.end()) return false;
  const Known& one = known->second;
  return !one.outdated && one.since <= query.since && now - one.looked_at < look_back_every;
}

Task<Result<std::vector<Point>>> VictoriaLatest::read(LatestQuery query,
                                                      std::map<std::string, FieldType> types) {
  const TimePoint now = client_.config().clock();
  query.since = storable_time(query.since);
  const bool all = query.since >= now - recent || !knows_the_rest(query, now);
  const TimePoint from = all ? query.since : now - recent;
  const TimePoint at = std::max(now + ahead_max, from + Duration{1});
  auto request =
      victoria_last_request(client_.config().database, query, at, at - from + Duration{1});
  const auto body = co_await client_.read(std::move(request));
  if (!body) co_return body.error();
  auto last = parse_victoria_last(*body, query.measurement);
  if (!last) co_return last.error().in(client_.read_url());
  std::erase_if(*last, [&](const VictoriaLast& one) {
    return one.time < query.since || !carries(one.tags, query.tags);
  });
  Wanted wanted{query.measurement, {std::string{info_field}}, std::move(types)};
  for (const auto& [name, type] : wanted.types) wanted.fields.push_back(name);
  auto found = co_await points_at(std::move(*last), std::move(wanted), now);
  if (!found) co_return found.error();
  learn(query, *found, all, now);
  if (!all) {
    for (const auto& [tags, point] : known_[query.measurement].points) {
      if (point.time >= query.since) found->try_emplace(tags, point);
    }
  }
  std::vector<Point> answer;
  answer.reserve(found->size());
  for (auto& [tags, point] : *found) answer.push_back(std::move(point));
  co_return answer;
}

void VictoriaLatest::learn(const LatestQuery& query, const Found& found, bool all, TimePoint now) {
  Known& known = known_[query.measurement];
  const bool complete = all && query.tags.empty() && query.since < now - recent;
  if (complete) known = {{}, query.since, now, false};
  for (const auto& [tags, point] : found) known.points.insert_or_assign(tags, point);
}

Task<Result<VictoriaLatest::Found>> VictoriaLatest::points_at(std::vector<VictoriaLast> last,
                                                              Wanted wanted, TimePoint now) {
  Found found;
  const auto& known = known_[wanted.measurement];
  std::vector<VictoriaLast> missing;
  for (auto& one : last) {
    const auto seen = known.points.find(one.tags);
    const bool same = !known.outdated && one.time < now - recent && seen != known.points.end() &&
                      seen->second.time == one.time;
    if (same) {
      found.emplace(one.tags, seen->second);
    } else {
      missing.push_back(std::move(one));
    }
  }
  std::sort(missing.begin(), missing.end(), later);
  auto end = missing.begin();
  while (end != missing.end() && missing.front().time - end->time <= together) ++end;
  for (auto begin = missing.begin(); begin != missing.end(); begin = end++) {
    std::vector<VictoriaLast> group{begin, end};
    const auto fetched = co_await fetch(std::move(group), wanted, &found);
    if (!fetched) co_return fetched.error();
  }
  co_return found;
}

Task<Result<void>> VictoriaLatest::fetch(std::vector<VictoriaLast> group, Wanted wanted,
                                         Found* found) {
  const TimePoint from = group.back().time;
  const TimePoint to = group.front().time;
  std::vector<TagMap> tags(1);
  if (group.size() == 1) tags.front() = group.front().tags;
  auto request = victoria_export_request(client_.config().database, wanted.measurement,
                                         wanted.fields, tags, from, to);
  const auto body = co_await client_.read(std::move(request));
  if (!body) co_return body.error();
  const auto samples = parse_victoria_export(*body, wanted.measurement);
  if (!samples) co_return samples.error().in(client_.read_url());
  const PointsQuery query{wanted.measurement, {}, from, to + Duration{1}};
  std::map<TagMap, TimePoint> times;
  for (const auto& one : group) times.emplace(one.tags, one.time);
  for (auto& point : points_of_samples(*samples, wanted.types, query)) {
    TagMap of{point.tags.begin(), point.tags.end()};
    const auto time = times.find(of);
    if (time == times.end() || time->second != point.time) continue;
    found->insert_or_assign(std::move(of), std::move(point));
  }
  co_return Result<void>{};
}

}  // namespace plimsoll
