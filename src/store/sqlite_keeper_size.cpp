#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/text.h"
#include "store/sqlite_keeper.h"

namespace plimsoll {
namespace {

constexpr int pages_at_once = 256;
constexpr std::int64_t pages_free_max = 2'560;  // 10 MiB wait for new points
constexpr std::int64_t kept_at_least_ms = 10 * rollup_ms;
// A full file is brought below its bound by this, so that not each point costs a deletion.
constexpr double room_share = 0.05;

std::int64_t minute_of(std::int64_t ms) { return ms / rollup_ms * rollup_ms; }

}  // namespace

// Plans deletions, and itself anew, until the file is small enough.
Result<bool> SqliteKeeper::shrink() {
  const auto used = bytes_used();
  if (!used) return used.error();
  const bool shrinking = jobs_.front().again;
  const double bound =
      static_cast<double>(count(keep_.bytes_max)) * (shrinking ? 1 - room_share : 1);
  if (static_cast<double>(*used) <= bound) return true;
  tell_once(told_full_,
            fmt::format("store.bytes_max ({}) is reached; the oldest figures are deleted before "
                        "store.keep_rollups is over",
                        format_bytes(count(keep_.bytes_max))));
  const auto found = oldest();
  if (!found) return found.error();
  return make_room(*found);
}

// A twentieth of what there is goes at a time: roll-ups where they are the oldest, then raw points.
Result<bool> SqliteKeeper::make_room(const Oldest& oldest) {
  const std::int64_t newest_to_go = minute_of(now_ - kept_at_least_ms);
  const std::int64_t raw = oldest.raw.value_or(now_);
  const bool rollups_first = oldest.rollup && minute_of(raw) > *oldest.rollup;
  const std::int64_t from = rollups_first ? *oldest.rollup : raw;
  const std::int64_t end = rollups_first ? std::min(minute_of(raw), newest_to_go) : newest_to_go;
  const std::int64_t cut = std::min(minute_of(from + (now_ - from) / 20) + rollup_ms, end);
  if (cut <= from) {
    tell_once(told_too_small_,
              "store.bytes_max is too small for ten minutes of this fleet; "
              "raise it, or let monitor.interval be longer");
    return true;
  }
  if (!rollups_first) {
    tell_once(told_raw_, fmt::format("store.bytes_max is reached by raw points alone; they are "
                                     "kept for less than {}",
                                     format_duration(keep_.raw)));
  }
  std::deque<Job> planned;
  for (const auto& measurement : measurements_) {
    const Kind kind = rollups_first ? Kind::purge_rollups : Kind::purge_raw;
    planned.push_back({kind, measurement, 0, cut});
  }
  Job& check = planned.emplace_back(Job{Kind::shrink, ""});
  check.again = true;
  jobs_.insert(jobs_.begin() + 1, std::make_move_iterator(planned.begin()),
               std::make_move_iterator(planned.end()));
  return true;
}

Result<bool> SqliteKeeper::vacuum() {
  const auto mode = db_.integer("PRAGMA auto_vacuum");
  const auto pages = db_.integer("PRAGMA freelist_count");
  if (!mode) return mode.error();
  if (!pages) return pages.error();
  constexpr std::int64_t incremental = 2;
  if (*mode != incremental || *pages <= pages_free_max) return true;
  if (auto done = db_.exec(fmt::format("PRAGMA incremental_vacuum({})", pages_at_once)); !done) {
    return done.error();
  }
  return false;
}

Result<SqliteKeeper::Oldest> SqliteKeeper::oldest() {
  Oldest found;
  const auto take = [](std::optional<std::int64_t>& into, std::optional<std::int64_t> time) {
    if (time) into = std::min(into.value_or(*time), *time);
  };
  for (const auto& measurement : measurements_) {
    const auto raw = first_time(measurement, measurement, 0);
    if (!raw) return raw.error();
    take(found.raw, *raw);
    const auto rolled = has_rollup(db_, measurement);
    if (!rolled) return rolled.error();
    if (!*rolled) continue;
    const auto rollup = first_time(measurement, rollup_table(measurement), 0);
    if (!rollup) return rollup.error();
    take(found.rollup, *rollup);
  }
  return found;
}

Result<std::uint64_t> SqliteKeeper::bytes_used() {
  const auto pages = db_.integer("PRAGMA page_count");
  const auto unused = db_.integer("PRAGMA freelist_count");
  const auto size = db_.integer("PRAGMA page_size");
  if (!pages) return pages.error();
  if (!unused) return unused.error();
  if (!size) return size.error();
  return static_cast<std::uint64_t>((*pages - *unused) * *size);
}

}  // namespace plimsoll
