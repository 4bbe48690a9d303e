#include "orchestrate/journal.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "orchestrate/move_details.h"

namespace plimsoll {
namespace {

constexpr std::int64_t schema_version = 3;

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY AUTOINCREMENT, given INTEGER);
CREATE TABLE IF NOT EXISTS moves (
  id TEXT PRIMARY KEY, container TEXT NOT NULL, from_host TEXT NOT NULL, to_host TEXT NOT NULL,
  strategy TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL, reached TEXT NOT NULL,
  final INTEGER NOT NULL, epoch INTEGER NOT NULL, created INTEGER NOT NULL, finished INTEGER,
  predicted_bytes INTEGER, predicted_transfer_s REAL, predicted_downtime_s REAL,
  demand_cpu REAL, demand_memory INTEGER, demand_storage INTEGER,
  bytes INTEGER, transfer_s REAL, downtime_s REAL, error TEXT NOT NULL,
  predicted_image_bytes INTEGER, details TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS moves_open ON moves(final) WHERE final = 0;
CREATE INDEX IF NOT EXISTS moves_created ON moves(created);
CREATE TABLE IF NOT EXISTS steps (
  move TEXT NOT NULL, sequence INTEGER NOT NULL, name TEXT NOT NULL, started INTEGER NOT NULL,
  finished INTEGER, failed INTEGER NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (move, sequence)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS drained (host TEXT PRIMARY KEY, since INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS owner (id TEXT NOT NULL);
)";

/// What versions 1 and 2 kept in columns of its own: one container a move.
constexpr const char* details_of_columns =
    "json_object('undoes', '', 'rounds', json_array(), 'members', json_array(json_object("
    "'container', container, 'source_id', source_id, 'copy_id', copy_id, 'restart_policy', "
    "restart_policy, 'restart_retries', restart_retries)))";

/// From version 1: what part of the bytes was the image was not kept, so that it counts as all.
constexpr const char* from_version_1 =
    "ALTER TABLE moves ADD COLUMN predicted_image_bytes INTEGER;"
    "UPDATE moves SET predicted_image_bytes = predicted_bytes;";

std::string from_version_2() {
  return fmt::format(
      "ALTER TABLE moves ADD COLUMN details TEXT NOT NULL DEFAULT '';"
      "UPDATE moves SET details = {};"
      "ALTER TABLE moves DROP COLUMN source_id; ALTER TABLE moves DROP COLUMN copy_id;"
      "ALTER TABLE moves DROP COLUMN restart_policy; ALTER TABLE moves DROP COLUMN restart_retries",
      details_of_columns);
}

constexpr const char* columns =
    "id, container, from_host, to_host, strategy, reason, state, reached, epoch, created, "
    "finished, predicted_bytes, predicted_transfer_s, predicted_downtime_s, demand_cpu, "
    "demand_memory, demand_storage, bytes, transfer_s, downtime_s, error, final, "
    "predicted_image_bytes, details";

/// The columns as a file of an older version, which is only read, can give them.
std::string columns_of(std::int64_t version) {
  std::string list = columns;
  const auto give_instead = [&](std::string_view absent, std::string_view instead) {
    list.replace(list.find(absent), absent.size(), instead);
  };
  if (version < 3) give_instead("details", details_of_columns);
  if (version < 2) give_instead("predicted_image_bytes", "predicted_bytes");
  return list;
}

std::int64_t ms(TimePoint time) { return time.time_since_epoch().count(); }
TimePoint time_of(std::int64_t value) { return TimePoint{Duration{value}}; }
std::int64_t whole(Bytes bytes) { return static_cast<std::int64_t>(count(bytes)); }
Bytes bytes_of(std::int64_t value) {
  return Bytes{static_cast<std::uint64_t>(std::max<std::int64_t>(0, value))};
}

/// Planned and approved moves are not under way: nothing was done for them yet.
bool is_under_way(MoveState state) {
  return !is_final(state) && state != MoveState::planned && state != MoveState::approved;
}

void bind_record(SqliteStatement& statement, const MoveRecord& record) {
  const auto& progress = record.progress;
  statement.bind(1, record.id.str());
  statement.bind(2, record.container.str());
  statement.bind(3, record.from.str());
  statement.bind(4, record.to.str());
  statement.bind(5, strategy_name(record.strategy));
  statement.bind(6, record.reason);
  statement.bind(7, state_name(progress.state));
  statement.bind(8, progress.reached ? act_name(*progress.reached) : std::string_view{});
  statement.bind(9, static_cast<std::int64_t>(record.epoch));
  statement.bind(10, ms(record.created));
  statement.bind(11, record.finished ? ms(*record.finished) : std::int64_t{0});
  statement.bind(12, whole(record.predicted.bytes));
  statement.bind(13, record.predicted.transfer_s);
  statement.bind(14, record.predicted.downtime_s);
  statement.bind(15, record.demand.cpu_cores);
  statement.bind(16, whole(record.demand.memory));
  statement.bind(17, whole(record.demand.storage));
  statement.bind(18, whole(record.actual.bytes));
  statement.bind(19, record.actual.transfer_s);
  statement.bind(20, record.actual.downtime_s);
  statement.bind(21, record.error);
  statement.bind(22, std::int64_t{is_final(progress.state) ? 1 : 0});
  statement.bind(23, whole(record.predicted.image_bytes));
  statement.bind(24, encode_details(record));
}

MoveRecord read_record(const SqliteStatement& row) {
  const auto text = [&](int column) { return std::string{row.text(column)}; };
  MoveRecord record;
  record.id = MoveId{text(0)};
  record.container = ContainerName{text(1)};
  record.from = HostId{text(2)};
  record.to = HostId{text(3)};
  record.strategy = parse_strategy(row.text(4)).value_or(Strategy::cold);
  record.reason = text(5);
  // A state this version does not know is nothing to act on: a person must look.
  record.progress.state = parse_state(row.text(6)).value_or(MoveState::quarantined);
  record.progress.reached = parse_act(row.text(7));
  record.epoch = static_cast<std::uint64_t>(row.integer(8));
  record.created = time_of(row.integer(9));
  if (row.integer(10) != 0) record.finished = time_of(row.integer(10));
  record.predicted.bytes = bytes_of(row.integer(11));
  record.predicted.transfer_s = row.number(12);
  record.predicted.downtime_s = row.number(13);
  record.demand = {row.number(14), bytes_of(row.integer(15)), bytes_of(row.integer(16))};
  record.actual = {bytes_of(row.integer(17)), row.number(18), row.number(19)};
  record.error = text(20);
  record.predicted.image_bytes = bytes_of(row.integer(22));
  if (const auto read = decode_details(row.text(23), &record); !read) {
    record.progress.state = MoveState::quarantined;
    record.error = read.error().message;
  }
  return record;
}

Error no_such(const MoveId& id) {
  return {Errc::not_found,
          fmt::format("no move '{}': `plimsoll history` lists them", printable(id.str(), 40))};
}

}  // namespace

Journal::Journal(SqliteDb db, std::filesystem::path file, std::int64_t version)
    : db_(std::move(db)), file_(std::move(file)), columns_(columns_of(version)) {}

Result<Journal> Journal::open(const std::filesystem::path& file) {
  auto db = SqliteDb::open(file, SqliteDb::Mode::read_write);
  if (!db) return db.error();
  const auto version = db->integer("PRAGMA user_version");
  if (!version) return version.error();
  if (*version > schema_version) {
    return Error{Errc::refused,
                 fmt::format("{}: written by a newer plimsoll; use that one", file.string())};
  }
  // An intent that a power failure takes back would make recovery guess.
  const bool old = *version == 1 || *version == 2;
  for (const std::string& sql :
       {std::string{"PRAGMA synchronous=FULL"}, std::string{schema},
        std::string{*version == 1 ? from_version_1 : ""}, std::string{old ? from_version_2() : ""},
        fmt::format("PRAGMA user_version={}", schema_version)}) {
    if (const auto done = db->exec(sql); !done) return done.error();
  }
  return Journal{std::move(*db), file, schema_version};
}

Result<Journal> Journal::open_to_read(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return Error{Errc::not_found, file.string() + ": no move was ever planned"};
  }
  auto db = SqliteDb::open(file, SqliteDb::Mode::read_only);
  if (!db) return db.error();
  const auto version = db->integer("PRAGMA user_version");
  if (!version) return version.error();
  return Journal{std::move(*db), file, *version};
}

Result<std::uint64_t> Journal::next_epoch() {
  auto insert = db_.prepare("INSERT INTO epochs (given) VALUES (?1)");
  if (!insert) return insert.error();
  insert->bind(1, ms(wall_clock_now()));
  if (const auto done = insert->run(); !done) return done.error();
  const auto epoch = db_.integer("SELECT last_insert_rowid()");
  if (!epoch) return epoch.error();
  return static_cast<std::uint64_t>(*epoch);
}

Result<void> Journal::write(const MoveRecord& record) {
  auto statement = db_.prepare(
      fmt::format("INSERT OR REPLACE INTO moves ({}) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,"
                  "?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24)",
                  columns));
  if (!statement) return statement.error();
  bind_record(*statement, record);
  return statement->run();
}

Result<void> Journal::add(const MoveRecord& record) {
  if (find(record.id)) return Error{Errc::conflict, "move " + record.id.str() + " exists already"};
  return write(record);
}

Result<void> Journal::update(const MoveRecord& record) { return write(record); }

Result<void> Journal::reserve(const MoveId& id, const MoveLimits& limits, std::uint64_t epoch) {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  auto wanted = find(id);
  if (!wanted) return wanted.error();
  if (is_final(wanted->progress.state) || is_under_way(wanted->progress.state)) {
    return Error{Errc::conflict, fmt::format("move {} is {} already", id.str(),
                                             state_name(wanted->progress.state))};
  }
  const auto others = open_moves();
  if (!others) return others.error();
  int in_fleet = 0;
  std::map<HostId, int> per_host;
  for (const auto& other : *others) {
    if (!is_under_way(other.progress.state)) continue;
    const bool shared = std::ranges::any_of(wanted->members, [&](const MoveMember& member) {
      return has_member(other, member.container);
    });
    if (shared && other.from == wanted->from) {
      return Error{Errc::conflict, fmt::format("container '{}' is being moved already (move {})",
                                               other.container.str(), other.id.str())};
    }
    ++in_fleet;
    ++per_host[other.from];
    ++per_host[other.to];
  }
  if (in_fleet >= limits.in_fleet) {
    return Error{Errc::conflict, fmt::format("{} moves are under way, the limit", in_fleet)};
  }
  for (const auto& host : {wanted->from, wanted->to}) {
    if (per_host[host] < limits.per_host) continue;
    return Error{Errc::conflict,
                 fmt::format("{} takes part in {} moves, the limit", host.str(), per_host[host])};
  }
  wanted->progress = MoveProgress{MoveState::reserved, Act::preflight};
  wanted->epoch = epoch;
  if (const auto written = write(*wanted); !written) return written;
  return transaction->commit();
}

Result<void> Journal::begin_step(const MoveRecord& record, const StepRecord& step) {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  if (const auto written = write(record); !written) return written;
  auto insert = db_.prepare(
      "INSERT INTO steps (move, sequence, name, started, finished, failed, detail) VALUES (?1, "
      "(SELECT COALESCE(MAX(sequence), 0) + 1 FROM steps WHERE move = ?1), ?2, ?3, NULL, 0, '')");
  if (!insert) return insert.error();
  insert->bind(1, record.id.str());
  insert->bind(2, step.name);
  insert->bind(3, ms(step.started));
  if (const auto done = insert->run(); !done) return done;
  return transaction->commit();
}

Result<void> Journal::note_progress(const MoveId& id, std::string_view text) {
  auto change = db_.prepare(
      "UPDATE steps SET detail = ?2 WHERE move = ?1 AND finished IS NULL AND sequence = "
      "(SELECT MAX(sequence) FROM steps WHERE move = ?1)");
  if (!change) return change.error();
  change->bind(1, id.str());
  change->bind(2, text);
  return change->run();
}

Result<void> Journal::end_step(const MoveRecord& record, const StepRecord& step) {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  if (const auto written = write(record); !written) return written;
  auto change = db_.prepare(
      "UPDATE steps SET finished = ?2, failed = ?3, detail = ?4 WHERE move = ?1 AND sequence = "
      "(SELECT MAX(sequence) FROM steps WHERE move = ?1)");
  if (!change) return change.error();
  change->bind(1, record.id.str());
  change->bind(2, ms(step.finished.value_or(step.started)));
  change->bind(3, std::int64_t{step.failed ? 1 : 0});
  change->bind(4, step.detail);
  if (const auto done = change->run(); !done) return done;
  return transaction->commit();
}

Result<void> Journal::approve(const MoveId& id) { return answer(id, MoveState::approved, ""); }

Result<void> Journal::reject(const MoveId& id) {
  return answer(id, MoveState::superseded, "rejected by a person");
}

Result<void> Journal::answer(const MoveId& id, MoveState state, const std::string& why) {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  auto record = find(id);
  if (!record) return record.error();
  if (record->progress.state != MoveState::planned) {
    return Error{Errc::conflict, fmt::format("move {} is not waiting for approval: it is {}",
                                             id.str(), state_name(record->progress.state))};
  }
  record->progress.state = state;
  record->error = why;
  if (is_final(state)) record->finished = wall_clock_now();
  if (const auto written = write(*record); !written) return written;
  return transaction->commit();
}

Result<void> Journal::read_steps(MoveRecord& record) {
  auto steps = db_.prepare(
      "SELECT name, started, finished, failed, detail FROM steps WHERE move = ?1 ORDER BY "
      "sequence");
  if (!steps) return steps.error();
  steps->bind(1, record.id.str());
  for (;;) {
    const auto row = steps->step();
    if (!row) return row.error();
    if (!*row) return {};
    StepRecord step;
    step.name = steps->text(0);
    step.started = time_of(steps->integer(1));
    if (!steps->is_null(2)) step.finished = time_of(steps->integer(2));
    step.failed = steps->integer(3) != 0;
    step.detail = steps->text(4);
    record.steps.push_back(std::move(step));
  }
}

Result<std::vector<MoveRecord>> Journal::select(const std::string& where, std::int64_t value,
                                                bool with_steps) {
  auto query = db_.prepare(fmt::format("SELECT {} FROM moves {}", columns_, where));
  if (!query) return query.error();
  query->bind(1, value);
  std::vector<MoveRecord> found;
  for (;;) {
    const auto row = query->step();
    if (!row) return row.error();
    if (!*row) break;
    found.push_back(read_record(*query));
  }
  for (auto& record : found) {
    if (!with_steps) break;
    if (const auto read = read_steps(record); !read) return read.error();
  }
  return found;
}

Result<MoveRecord> Journal::find(const MoveId& id) {
  auto query = db_.prepare(fmt::format("SELECT {} FROM moves WHERE id = ?1", columns_));
  if (!query) return query.error();
  query->bind(1, id.str());
  const auto row = query->step();
  if (!row) return row.error();
  if (!*row) return no_such(id);
  auto record = read_record(*query);
  if (const auto read = read_steps(record); !read) return read.error();
  return record;
}

Result<std::vector<MoveRecord>> Journal::newest(std::size_t at_most) {
  return select("ORDER BY created DESC, id LIMIT ?1", static_cast<std::int64_t>(at_most), true);
}

Result<std::vector<MoveRecord>> Journal::open_moves() {
  return select("WHERE final = ?1 ORDER BY created, id", 0, false);
}

Result<std::vector<MoveRecord>> Journal::since(TimePoint since) {
  return select("WHERE created >= ?1 ORDER BY created, id", ms(since), false);
}

Result<std::vector<MoveRecord>> Journal::retired() {
  return select("WHERE state = 'SourceRetired' AND ?1 = 0 ORDER BY finished, id", 0, false);
}

Result<void> Journal::set_drained(const HostId& host, bool drained) {
  auto change = db_.prepare(drained ? "INSERT OR IGNORE INTO drained (host, since) VALUES (?1, ?2)"
                                    : "DELETE FROM drained WHERE host = ?1 AND ?2 = ?2");
  if (!change) return change.error();
  change->bind(1, host.str());
  change->bind(2, ms(wall_clock_now()));
  return change->run();
}

Result<std::set<HostId>> Journal::drained() {
  std::set<HostId> hosts;
  auto query = db_.prepare("SELECT host FROM drained");
  if (!query) return query.error();
  for (;;) {
    const auto row = query->step();
    if (!row) return row.error();
    if (!*row) return hosts;
    hosts.insert(HostId{std::string{query->text(0)}});
  }
}

Result<std::string> Journal::owner() {
  auto transaction = SqliteTransaction::begin(db_, SqliteTransaction::Kind::immediate);
  if (!transaction) return transaction.error();
  auto made = db_.prepare(
      "INSERT INTO owner (id) SELECT lower(hex(randomblob(8))) WHERE NOT EXISTS "
      "(SELECT 1 FROM owner)");
  if (!made) return made.error();
  if (const auto done = made->run(); !done) return done.error();
  auto query = db_.prepare("SELECT id FROM owner");
  if (!query) return query.error();
  const auto row = query->step();
  if (!row) return row.error();
  std::string id{query->text(0)};
  query->reset();
  if (const auto done = transaction->commit(); !done) return done.error();
  return id;
}

Result<FileLock> Journal::lock(const MoveId& id) const {
  return FileLock::try_lock(file_.string() + "-" + id.str() + ".lock");
}

}  // namespace plimsoll
