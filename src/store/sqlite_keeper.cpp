#include "store/sqlite_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/point_rules.h"

namespace plimsoll {
namespace {

constexpr std::int64_t window_ms = 10 * rollup_ms;
constexpr int deletes_at_once = 2'000;

std::int64_t minute_of(std::int64_t ms) { return ms / rollup_ms * rollup_ms; }

std::int64_t before(std::int64_t now, Duration kept) {
  return std::max<std::int64_t>(minute_of(now - kept.count()), 0);
}

}  // namespace

Result<void> SqliteKeeper::begin(TimePoint now) {
  now_ = storable_time(now).time_since_epoch().count();
  jobs_.clear();
  measurements_.clear();
  auto names = db_.prepare("SELECT DISTINCT measurement FROM series ORDER BY measurement");
  if (!names) return names.error();
  auto row = names->step();
  for (; row && *row; row = names->step()) measurements_.emplace_back(names->text(0));
  if (!row) return row.error();
  for (const auto& measurement : measurements_) {
    if (keep_.rollups > Duration{0}) {
      jobs_.push_back({Kind::late, measurement});
      jobs_.push_back({Kind::roll, measurement});
    }
    jobs_.push_back({Kind::purge_raw, measurement, 0, before(now_, keep_.raw)});
    jobs_.push_back({Kind::purge_rollups, measurement, 0, before(now_, keep_.rollups)});
  }
  jobs_.push_back({Kind::shrink, ""});  // its deletions go before what follows
  for (const auto& measurement : measurements_) jobs_.push_back({Kind::drop_series, measurement});
  jobs_.push_back({Kind::vacuum, ""});
  return {};
}

Result<SqliteKeeper::Step> SqliteKeeper::step() {
  step_ = {};
  const auto give_up = std::chrono::steady_clock::now() + step_budget;
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  while (!jobs_.empty() && std::chrono::steady_clock::now() < give_up) {
    const auto done = advance(jobs_.front());
    if (!done) return done.error();
    if (*done) jobs_.pop_front();
  }
  for (auto& job : jobs_) job.statement.reset();  // the writer may change tables in between
  if (auto committed = transaction->commit(); !committed) return committed.error();
  step_.done = jobs_.empty();
  return step_;
}

StoreUpkeep SqliteKeeper::take_report() { return std::exchange(report_, {}); }

Result<bool> SqliteKeeper::advance(Job& job) {
  switch (job.kind) {
    case Kind::late:
      return roll_late(job);
    case Kind::roll:
      return roll_series(job);
    case Kind::purge_raw:
    case Kind::purge_rollups:
      return purge_series(job);
    case Kind::drop_series:
      return drop_series(job);
    case Kind::shrink:
      return shrink();
    case Kind::vacuum:
      return vacuum();
  }
  return true;
}

// One minute of one series that had a point too late.
Result<bool> SqliteKeeper::roll_late(Job& job) {
  auto next = db_.prepare("SELECT series, minute FROM _late WHERE measurement = ?1 LIMIT 1");
  if (!next) return next.error();
  next->bind(1, job.measurement);
  const auto row = next->step();
  if (!row) return row.error();
  if (!*row) return true;
  const std::int64_t series = next->integer(0);
  const std::int64_t minute = next->integer(1);
  next->reset();
  if (auto rolled = roll_minute(job, series, minute); !rolled) return rolled.error();
  auto forget =
      db_.prepare("DELETE FROM _late WHERE measurement = ?1 AND series = ?2 AND minute = ?3");
  if (!forget) return forget.error();
  forget->bind(1, job.measurement);
  forget->bind(2, series);
  forget->bind(3, minute);
  if (auto forgotten = forget->run(); !forgotten) return forgotten.error();
  return false;
}

// Where the raw points are gone, the roll-up of all of them is better than one of a few.
Result<void> SqliteKeeper::roll_minute(Job& job, std::int64_t series, std::int64_t minute) {
  const auto marks = marks_of(db_, job.measurement);
  if (!marks) return marks.error();
  const auto existing = minute < marks->raw_from ? Existing::keep : Existing::replace;
  if (!job.statement || job.existing != existing) {
    if (auto prepared = prepare_rollup(db_, job.measurement); !prepared) return prepared;
    auto roll = prepare_roll(db_, job.measurement, existing);
    if (!roll) return roll.error();
    job.statement.emplace(std::move(*roll));
    job.existing = existing;
  }
  return run_roll(*job.statement, series, minute, minute + rollup_ms);
}

Result<void> SqliteKeeper::run_roll(SqliteStatement& roll, std::int64_t series, std::int64_t from,
                                    std::int64_t to) {
  roll.bind(1, series);
  roll.bind(2, from);
  roll.bind(3, to);
  if (auto rolled = roll.run(); !rolled) return rolled;
  report_.rolled_up += static_cast<std::uint64_t>(db_.changes());
  return {};
}

// Sets a roll job's window, after which points in it count as late; none when there is nothing yet.
Result<void> SqliteKeeper::plan_roll(const std::string& measurement,
                                     std::optional<std::int64_t> from) {
  Job& job = jobs_.front();
  const std::int64_t end = minute_of(now_ - late_grace.count());
  job.from = job.to = 0;
  if (!from || *from + roll_at_least.count() > end) return {};
  job.from = minute_of(*from);
  job.to = std::min(job.from + window_ms, end);
  auto marks = marks_of(db_, measurement);
  if (!marks) return marks.error();
  marks->late_before = job.to;
  if (auto set = set_marks(db_, measurement, *marks); !set) return set;
  if (auto prepared = prepare_rollup(db_, measurement); !prepared) return prepared;
  auto series = series_of(measurement);
  if (!series) return series.error();
  job.series = std::move(*series);
  return {};
}

Result<bool> SqliteKeeper::roll_series(Job& job) {
  if (job.to == 0) {
    const auto marks = marks_of(db_, job.measurement);
    if (!marks) return marks.error();
    const auto first = first_time(job.measurement, job.measurement, marks->rolled_until);
    if (!first) return first.error();
    if (auto planned = plan_roll(job.measurement, *first); !planned) return planned.error();
    return job.to == 0;
  }
  if (job.series.empty()) return finish_roll(job);
  if (!job.statement) {
    auto prepared = prepare_roll(db_, job.measurement, Existing::replace);
    if (!prepared) return prepared.error();
    job.statement.emplace(std::move(*prepared));
  }
  const auto rolled = run_roll(*job.statement, job.series.back(), job.from, job.to);
  if (!rolled) return rolled.error();
  job.series.pop_back();
  return false;
}

Result<bool> SqliteKeeper::finish_roll(const Job& job) {
  auto marks = marks_of(db_, job.measurement);
  if (!marks) return marks.error();
  marks->rolled_until = job.to;
  if (auto set = set_marks(db_, job.measurement, *marks); !set) return set.error();
  jobs_.front().to = 0;  // the next window
  return false;
}

Result<void> SqliteKeeper::plan_purge_raw(const std::string& measurement, std::int64_t before) {
  auto marks = marks_of(db_, measurement);
  if (!marks) return marks.error();
  Job& job = jobs_.front();
  if (keep_.rollups > Duration{0}) before = std::min(before, marks->rolled_until);
  job.from = 1;  // planned
  job.to = std::max(before, marks->raw_from);
  if (job.to <= 0) return {};
  if (job.to > marks->raw_from) {
    marks->raw_from = job.to;
    if (auto set = set_marks(db_, measurement, *marks); !set) return set;
  }
  auto series = series_of(measurement);
  if (!series) return series.error();
  job.series = std::move(*series);
  return {};
}

Result<void> SqliteKeeper::plan_purge_rollups(const std::string& measurement, std::int64_t before) {
  Job& job = jobs_.front();
  job.from = 1;  // planned
  job.to = before;
  const auto there = has_rollup(db_, measurement);
  if (!there) return there.error();
  if (!*there || before <= 0) return {};
  auto series = series_of(measurement);
  if (!series) return series.error();
  job.series = std::move(*series);
  return {};
}

Result<bool> SqliteKeeper::purge_series(Job& job) {
  const bool raw = job.kind == Kind::purge_raw;
  if (job.from == 0) {
    auto planned =
        raw ? plan_purge_raw(job.measurement, job.to) : plan_purge_rollups(job.measurement, job.to);
    if (!planned) return planned.error();
  }
  if (job.series.empty()) return true;
  if (!job.statement) {
    const auto table = sql_name(raw ? job.measurement : rollup_table(job.measurement));
    auto prepared = db_.prepare(
        fmt::format("DELETE FROM {0} WHERE series = ?1 AND time IN (SELECT time FROM {0} WHERE "
                    "series = ?1 AND time < ?2 ORDER BY time LIMIT {1})",
                    table, deletes_at_once));
    if (!prepared) return prepared.error();
    job.statement.emplace(std::move(*prepared));
  }
  job.statement->bind(1, job.series.back());
  job.statement->bind(2, job.to);
  if (auto deleted = job.statement->run(); !deleted) return deleted.error();
  report_.deleted += static_cast<std::uint64_t>(db_.changes());
  if (db_.changes() < deletes_at_once) job.series.pop_back();
  return job.series.empty();
}

// Series of which nothing is left; looked for only when something was deleted.
Result<bool> SqliteKeeper::drop_series(Job& job) {
  if (report_.deleted == 0) return true;
  if (job.from == 0) {
    auto series = series_of(job.measurement);
    if (!series) return series.error();
    job.series = std::move(*series);
    job.from = 1;
  }
  if (job.series.empty()) return true;
  if (!job.statement) {
    const auto rolled = has_rollup(db_, job.measurement);
    if (!rolled) return rolled.error();
    const auto nothing_in = [](const std::string& table) {
      return fmt::format(" AND NOT EXISTS (SELECT 1 FROM {} WHERE series = ?1)", sql_name(table));
    };
    auto prepared = db_.prepare("DELETE FROM series WHERE id = ?1" + nothing_in(job.measurement) +
                                (*rolled ? nothing_in(rollup_table(job.measurement)) : ""));
    if (!prepared) return prepared.error();
    job.statement.emplace(std::move(*prepared));
  }
  job.statement->bind(1, job.series.back());
  if (auto dropped = job.statement->run(); !dropped) return dropped.error();
  step_.series_dropped = step_.series_dropped || db_.changes() > 0;
  job.series.pop_back();
  return job.series.empty();
}

void SqliteKeeper::tell_once(bool& told, std::string note) {
  if (!told) report_.notes.push_back(db_.file() + ": " + std::move(note));
  told = true;
}

Result<std::vector<std::int64_t>> SqliteKeeper::series_of(const std::string& measurement) {
  auto rows = db_.prepare("SELECT id FROM series WHERE measurement = ?1 ORDER BY id DESC");
  if (!rows) return rows.error();
  rows->bind(1, measurement);
  std::vector<std::int64_t> ids;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return ids;
    ids.push_back(rows->integer(0));
  }
}

Result<std::optional<std::int64_t>> SqliteKeeper::first_time(const std::string& measurement,
                                                             const std::string& table,
                                                             std::int64_t from) {
  auto find = db_.prepare(
      fmt::format("SELECT min((SELECT time FROM {} WHERE series = s.id AND time >= ?2 ORDER BY "
                  "time LIMIT 1)) FROM series s WHERE s.measurement = ?1",
                  sql_name(table)));
  if (!find) return find.error();
  find->bind(1, measurement);
  find->bind(2, from);
  const auto row = find->step();
  if (!row) return row.error();
  if (!*row || find->is_null(0)) return std::optional<std::int64_t>{};
  return std::optional{find->integer(0)};
}

}  // namespace plimsoll
