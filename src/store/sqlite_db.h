#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace plimsoll {

/// A prepared statement. Ends with its database at the latest.
class SqliteStatement {
 public:
  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view value);

  /// Goes to the next row: true when there is one, false at the end.
  /// Errors: as SqliteDb's.
  [[nodiscard]] Result<bool> step();
  /// Runs a statement that gives no rows and makes it ready for the next use.
  [[nodiscard]] Result<void> run();
  void reset();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double number(int column) const;
  /// Valid until the next step.
  [[nodiscard]] std::string_view text(int column) const;

 private:
  friend class SqliteDb;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(sqlite3_stmt* statement, std::string file);
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string file_;
};

/// One connection to a SQLite file: WAL, synchronous=NORMAL, waits 5 s for other writers.
///
/// Errors: malformed - the file is damaged or no SQLite database; timeout - another program holds
///         it; io - the disk is full or failed; refused - may not be read or written; conflict - a
///         constraint. Messages start with the file's path.
/// Blocks: on the disk. Thread: one at a time.
class SqliteDb {
 public:
  enum class Mode { read_only, read_write };

  /// Opens the file; with read_write, makes it and its folder when missing.
  [[nodiscard]] static Result<SqliteDb> open(const std::filesystem::path& file, Mode mode);

  /// Runs statements that need no values.
  [[nodiscard]] Result<void> exec(const std::string& sql);
  [[nodiscard]] Result<SqliteStatement> prepare(std::string_view sql);
  /// The first column of the first row as a whole number.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql);
  /// Rows that the last INSERT, UPDATE or DELETE touched.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  SqliteDb(sqlite3* db, std::string file);
  std::unique_ptr<sqlite3, Close> db_;
  std::string file_;
};

/// Rolls back at the end of its life unless committed.
class SqliteTransaction {
 public:
  /// `immediate` takes the write lock at once, so that the transaction cannot fail for it later.
  enum class Kind { deferred, immediate };
  [[nodiscard]] static Result<SqliteTransaction> begin(SqliteDb& db, Kind kind);
  ~SqliteTransaction();
  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  [[nodiscard]] Result<void> commit();

 private:
  explicit SqliteTransaction(SqliteDb& db) : db_(&db) {}
  SqliteDb* db_;
};

/// A name as SQL text: in double quotes.
[[nodiscard]] std::string sql_name(std::string_view name);

}  // namespace plimsoll
