#include "store/victoria_latest.h"

#include <algorithm>

namespace plimsoll {
namespace {

// Clocks of monitors may be ahead of ours.
constexpr Duration ahead_max = std::chrono::hours{1};
// Series whose last points are this close are fetched together, all others one by one.
constexpr Duration together = std::chrono::seconds{10};

bool later(const VictoriaLast& a, const VictoriaLast& b) { return a.time > b.time; }

// The fields to ask for: a point's texts come with its info.
std::vector<std::string> fields_to_fetch(const LatestQuery& query,
                                         const std::map<std::string, FieldType>& types) {
  std::vector<std::string> fields{std::string{info_field}};
  const auto& only = query.fields;
  for (const auto& [name, type] : types) {
    const bool wanted = only.empty() || std::find(only.begin(), only.end(), name) != only.end();
    if (wanted && type != FieldType::text) fields.push_back(name);
  }
  return fields;
}

}  // namespace

void VictoriaLatest::written(const Point& point) {
  constexpr Duration margin = std::chrono::minutes{1};
  const bool old = point.time < client_.config().clock() - recent + margin;
  if (!old) return;
  for (auto& [key, known] : known_) {
    if (key.first == point.measurement) known.outdated = true;
  }
}

std::size_t VictoriaLatest::known_points() const {
  std::size_t count = 0;
  for (const auto& [key, known] : known_) count += known.points.size();
  return count;
}

bool VictoriaLatest::knows_the_rest(const LatestQuery& query, TimePoint now) const {
  const auto known = known_.find(key_of(query));
  if (!query.tags.empty() || !query.hosts.empty() || known == known_.end()) return false;
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
  auto parse = [measurement = query.measurement](const std::string& body) {
    return parse_victoria_last(body, measurement);
  };
  auto last = co_await client_.read(std::move(request), std::move(parse));
  if (!last) co_return last.error();
  std::erase_if(*last, [&](const VictoriaLast& one) {
    return one.time < query.since || !is_asked_for(one.tags, query);
  });
  Wanted wanted{query, std::move(types)};
  auto found = co_await points_at(std::move(*last), std::move(wanted), now);
  if (!found) co_return found.error();
  learn(query, *found, all, now);
  if (!all) {
    for (const auto& [tags, point] : known_[key_of(query)].points) {
      if (point.time >= query.since) found->try_emplace(tags, point);
    }
  }
  std::vector<Point> answer;
  answer.reserve(found->size());
  for (auto& [tags, point] : *found) answer.push_back(std::move(point));
  co_return answer;
}

void VictoriaLatest::learn(const LatestQuery& query, const Found& found, bool all, TimePoint now) {
  Known& known = known_[key_of(query)];
  const bool every = query.tags.empty() && query.hosts.empty();
  const bool complete = all && every && query.since < now - recent;
  if (complete) known = {{}, query.since, now, false};
  for (const auto& [tags, point] : found) known.points.insert_or_assign(tags, point);
  // Series come and go: what lies behind the reach that was asked for is of no use.
  const Duration passed = now - known.looked_at;
  const bool holds = !known.outdated && passed < look_back_every;
  const TimePoint oldest = holds ? std::min(known.since + passed, query.since) : query.since;
  known.since = std::max(known.since, oldest);
  std::erase_if(known.points, [&](const auto& one) { return one.second.time < oldest; });
}

Task<Result<VictoriaLatest::Found>> VictoriaLatest::points_at(std::vector<VictoriaLast> last,
                                                              Wanted wanted, TimePoint now) {
  Found found;
  const auto& known = known_[key_of(wanted.query)];
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
  const auto& asked = wanted.query;
  std::vector<TagMap> tags(1, group.size() == 1 ? group.front().tags : asked.tags);
  const auto fields = fields_to_fetch(asked, wanted.types);
  auto request = victoria_export_request(client_.config().database, asked.measurement, fields, tags,
                                         asked.hosts, from, to);
  auto parse = [group = std::move(group), wanted = std::move(wanted), from,
                to](const std::string& body) -> Result<Found> {
    const auto& [query, types] = wanted;
    const auto samples = parse_victoria_export(body, query.measurement);
    if (!samples) return samples.error();
    std::map<TagMap, TimePoint> times;
    for (const auto& one : group) times.emplace(one.tags, one.time);
    const PointsQuery at_their_times{query.measurement, {}, from, to + Duration{1}};
    Found points;
    for (auto& point : points_of_samples(*samples, types, at_their_times)) {
      TagMap of{point.tags.begin(), point.tags.end()};
      const auto time = times.find(of);
      if (time == times.end() || time->second != point.time) continue;
      keep_fields(point, query.fields);
      if (!point.fields.empty()) points.insert_or_assign(std::move(of), std::move(point));
    }
    return points;
  };
  auto points = co_await client_.read(std::move(request), std::move(parse));
  if (!points) co_return points.error();
  found->merge(*points);
  co_return Result<void>{};
}

}  // namespace plimsoll
