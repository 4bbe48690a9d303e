#include "store/sqlite_db.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>
#include <utility>

namespace plimsoll {
namespace {

constexpr int busy_timeout_ms = 5'000;

Error failure(int result, const std::string& file, const char* detail) {
  switch (result & 0xff) {
    case SQLITE_NOTADB:
      return {Errc::malformed, file + ": is no SQLite database; move it away or choose another " +
                                   "data_dir, a new one is made then"};
    case SQLITE_CORRUPT:
      return {Errc::malformed,
              fmt::format("{}: is damaged ({}); stop plimsoll and move the file away (a new one is "
                          "made), or save what can be read with: sqlite3 FILE .recover",
                          file, detail)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Errc::timeout, file + ": another program holds the database, try again"};
    case SQLITE_FULL:
      return {Errc::io, file + ": the disk is full; free some space"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Errc::refused,
              fmt::format("{}: may not be written ({}); check its owner and mode", file, detail)};
    case SQLITE_CANTOPEN:
      return {Errc::io, fmt::format("{}: cannot be opened ({}); check that the folder exists and "
                                    "may be written",
                                    file, detail)};
    case SQLITE_CONSTRAINT:
      return {Errc::conflict, fmt::format("{}: {}", file, detail)};
    default:
      return {Errc::io, fmt::format("{}: {}", file, detail)};
  }
}

Error failure(sqlite3* db, const std::string& file) {
  return failure(sqlite3_extended_errcode(db), file, sqlite3_errmsg(db));
}

Result<void> make_folder(const std::filesystem::path& file) {
  const auto folder = file.parent_path();
  if (folder.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return Error{Errc::io, fmt::format("{}: cannot make the folder ({}); choose another data_dir",
                                     folder.string(), error.message())};
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3_stmt* statement, std::string file)
    : statement_(statement), file_(std::move(file)) {}

void SqliteStatement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void SqliteStatement::bind(int index, double value) {
  sqlite3_bind_double(statement_.get(), index, value);
}

void SqliteStatement::bind(int index, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();  // a null pointer would bind NULL
  sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

Result<bool> SqliteStatement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  Error error = failure(sqlite3_db_handle(statement_.get()), file_);
  reset();
  return error;
}

Result<void> SqliteStatement::run() {
  auto stepped = step();
  reset();
  if (!stepped) return stepped.error();
  return {};
}

void SqliteStatement::reset() { sqlite3_reset(statement_.get()); }

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double SqliteStatement::number(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view SqliteStatement::text(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void SqliteDb::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }

SqliteDb::SqliteDb(sqlite3* db, std::string file) : db_(db), file_(std::move(file)) {}

Result<SqliteDb> SqliteDb::open(const std::filesystem::path& file, Mode mode) {
  const bool writes = mode == Mode::read_write;
  if (writes) {
    if (auto made = make_folder(file); !made) return made.error();
  }
  const int access = writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(file.c_str(), &raw, access | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteDb db{raw, file.string()};
  if (raw == nullptr) return failure(result, db.file_, "out of memory");
  if (result != SQLITE_OK) return failure(raw, db.file_);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, busy_timeout_ms);
  // Without this, "unknown_column" in quotes would read as a text of that name.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  // auto_vacuum holds for a file that is made now.
  const char* settings =
      writes
          ? "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA journal_size_limit=67108864"
          : "PRAGMA query_only=1; SELECT count(*) FROM sqlite_schema";
  if (auto set = db.exec(settings); !set) return set.error();
  return db;
}

Result<void> SqliteDb::exec(const std::string& sql) {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(db_.get(), file_);
}

Result<SqliteStatement> SqliteDb::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (result != SQLITE_OK) return failure(db_.get(), file_);
  return SqliteStatement{statement, file_};
}

Result<std::int64_t> SqliteDb::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  if (!*row) return Error{Errc::not_found, file_ + ": no row"};
  return statement->integer(0);
}

std::int64_t SqliteDb::changes() const { return sqlite3_changes64(db_.get()); }

Result<SqliteTransaction> SqliteTransaction::begin(SqliteDb& db, Kind kind) {
  auto begun = db.exec(kind == Kind::immediate ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begun) return begun.error();
  return SqliteTransaction{db};
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)) {}

SqliteTransaction::~SqliteTransaction() {
  if (db_ == nullptr) return;
  // SQLite has rolled back by itself after some failures; this one is refused then.
  [[maybe_unused]] const auto rolled_back = db_->exec("ROLLBACK");
}

Result<void> SqliteTransaction::commit() {
  auto committed = db_->exec("COMMIT");
  if (committed) db_ = nullptr;
  return committed;
}

std::string sql_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2U : 1U, c);
  return quoted + '"';
}

}  // namespace plimsoll
