#include "top_source.h"

#include <algorithm>
#include <set>

#include "fleet/point_reader.h"
#include "orchestrate/journal.h"

namespace plimsoll {
namespace {

/// How far back it is looked for hosts: what was replayed may be years old.
constexpr std::array reaches{Duration{std::chrono::hours{24}},
                             Duration{std::chrono::hours{24 * 30}},
                             Duration{std::chrono::hours{24 * 3'650}}};

MoveLine::Stage stage_of(MoveState state) {
  if (state == MoveState::planned || state == MoveState::approved) return MoveLine::Stage::waiting;
  if (is_success(state)) return MoveLine::Stage::succeeded;
  return is_final(state) ? MoveLine::Stage::failed : MoveLine::Stage::under_way;
}

MoveLine move_line(const MoveRecord& record, TimePoint now) {
  MoveLine line;
  line.id = record.id.str();
  line.container = record.container.str();
  line.from = record.from.str();
  line.to = record.to.str();
  line.stage = stage_of(record.progress.state);
  line.state = state_name(record.progress.state);
  line.elapsed = record.finished.value_or(now) - record.created;
  line.moved = record.actual.bytes;
  if (!record.steps.empty() && !record.steps.back().finished) {
    line.doing = record.steps.back().detail;
  }
  line.predicted_bytes = record.predicted.bytes;
  line.predicted_s = record.predicted.transfer_s + record.predicted.downtime_s;
  line.downtime_s = record.actual.downtime_s;
  line.error = record.error;
  return line;
}

bool is_shown(const MoveRecord& record, TimePoint now) {
  const MoveState state = record.progress.state;
  if (!is_final(state)) return true;
  if (state == MoveState::superseded || !record.finished) return false;
  const bool needs_a_person = state == MoveState::quarantined;
  return now - *record.finished < (needs_a_person ? quarantined_move_shown : ended_move_shown);
}

}  // namespace

std::vector<MoveLine> move_lines(const std::vector<MoveRecord>& records, TimePoint now) {
  std::vector<MoveLine> lines;
  for (const auto& record : records) {
    if (is_shown(record, now)) lines.push_back(move_line(record, now));
  }
  const auto rank = [](const MoveLine& line) {
    switch (line.stage) {
      case MoveLine::Stage::under_way:
        return 0;
      case MoveLine::Stage::waiting:
        return 1;
      case MoveLine::Stage::succeeded:
      case MoveLine::Stage::failed:
        return 2;
    }
    return 2;
  };
  std::stable_sort(lines.begin(), lines.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return lines;
}

Task<Result<void>> TopSource::open() {
  auto store = co_await open_store(config_, Absence::fails);
  if (!store) co_return store.error();
  store_ = std::move(*store);
  co_return Result<void>{};
}

/// The hosts that the store has polls of, those of host.csv first and as it describes them.
Task<Result<HostList>> TopSource::stored_hosts(TimePoint* moment) {
  std::set<std::string> known;
  std::optional<TimePoint> newest;
  for (const Duration reach : reaches) {
    LatestQuery query{"Monitor", {}, *moment - reach};
    const auto points = co_await store_.store->latest(std::move(query));
    if (!points) co_return points.error();
    for (const auto& point : *points) {
      known.insert(tag_of(point, "host"));
      newest = std::max(newest.value_or(point.time), point.time);
    }
    if (!known.empty()) break;
  }
  if (newest && !moment_.at && *moment - *newest > stale_limit(config_.policy)) *moment = *newest;
  HostList hosts;
  for (const auto& host : hosts_) {
    if (known.erase(host.name.str()) > 0) hosts.push_back(host);
  }
  for (const auto& name : known) {
    Host& host = hosts.emplace_back();
    host.name = HostId{name};
    host.address = name;
  }
  co_return hosts;
}

void TopSource::read_moves(TopData& data) const {
  auto journal = Journal::open_to_read(config_.orchestrator.journal_file);
  if (!journal) {
    if (journal.error().code != Errc::not_found) data.trouble = journal.error().message;
    return;
  }
  const auto open = journal->open_moves();
  const auto late = journal->newest(20);
  if (!open || !late) {
    data.trouble = open ? late.error().message : open.error().message;
    return;
  }
  std::vector<MoveRecord> records = *open;
  for (auto& record : records) {
    if (auto with_steps = journal->find(record.id)) record = std::move(*with_steps);
  }
  for (const auto& record : *late) {
    if (is_final(record.progress.state)) records.push_back(record);
  }
  data.moves = move_lines(records, data.view.time);
}

Task<Result<TopData>> TopSource::read() {
  TopData data;
  TimePoint moment = moment_.at.value_or(wall_clock_now());
  HostList hosts = hosts_;
  if (moment_.stored) {
    auto stored = co_await stored_hosts(&moment);
    if (!stored) co_return stored.error();
    hosts = std::move(*stored);
  }
  auto view = co_await read_fleet_view(*store_.store, hosts, config_.policy, moment, &memory_);
  if (!view) co_return view.error();
  data.view = std::move(*view);
  data.read = true;
  data.live = wall_clock_now() - moment < stale_limit(config_.policy);
  if (data.live) read_moves(data);
  co_return data;
}

}  // namespace plimsoll
