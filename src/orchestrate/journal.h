#pragma once

#include <filesystem>
#include <set>
#include <vector>

#include "orchestrate/move_record.h"
#include "runtime/file_lock.h"
#include "store/sqlite_db.h"

namespace plimsoll {

/// How many moves may be under way at once, checked where they are reserved.
struct MoveLimits {
  int per_host = 2;
  int in_fleet = 5;
};

/// The moves, in SQLite with every write on disk before it returns. The one truth about what was
/// ordered: an intent is here before its act, the outcome after it.
///
/// Errors: SqliteDb's. After an error of a write nobody knows whether it is on disk.
/// Blocks: on the disk. Thread: one; several processes may share the file.
class Journal {
 public:
  [[nodiscard]] static Result<Journal> open(const std::filesystem::path& file);
  /// For those who only look: nothing is made or changed. Errors: not_found - there is no file yet.
  [[nodiscard]] static Result<Journal> open_to_read(const std::filesystem::path& file);

  /// Higher than any epoch given before, also by other processes and before restarts.
  [[nodiscard]] Result<std::uint64_t> next_epoch();

  /// Adds a plan or a move as it is. Errors: conflict - the id is taken.
  [[nodiscard]] Result<void> add(const MoveRecord& record);
  /// Takes a planned or approved move into hand, unless its container is under way already or the
  /// limits are reached, in one transaction.
  /// Errors: conflict - with the other move's id, or the limit; not_found.
  [[nodiscard]] Result<void> reserve(const MoveId& id, const MoveLimits& limits,
                                     std::uint64_t epoch);
  /// Writes everything of the record but its steps.
  [[nodiscard]] Result<void> update(const MoveRecord& record);
  /// The intent: the record and a new step, not finished yet.
  [[nodiscard]] Result<void> begin_step(const MoveRecord& record, const StepRecord& step);
  /// How far the newest step is, if it has not ended: for readers only, nothing depends on it.
  [[nodiscard]] Result<void> note_progress(const MoveId& id, std::string_view text);
  /// The outcome: the record and how its newest step went.
  [[nodiscard]] Result<void> end_step(const MoveRecord& record, const StepRecord& step);
  /// Planned to Approved. Errors: not_found; conflict - it is not waiting any more.
  [[nodiscard]] Result<void> approve(const MoveId& id);
  /// Planned to Superseded. Errors: as approve.
  [[nodiscard]] Result<void> reject(const MoveId& id);

  /// With its steps. Errors: not_found.
  [[nodiscard]] Result<MoveRecord> find(const MoveId& id);
  /// Newest first.
  [[nodiscard]] Result<std::vector<MoveRecord>> newest(std::size_t at_most);
  /// Those whose state is not final, oldest first, without steps.
  [[nodiscard]] Result<std::vector<MoveRecord>> open_moves();
  /// Those that began after `since`, oldest first, without steps.
  [[nodiscard]] Result<std::vector<MoveRecord>> since(TimePoint since);

  /// Those whose source is kept, oldest first, without steps.
  [[nodiscard]] Result<std::vector<MoveRecord>> retired();

  /// A host that a person empties receives nothing until the mark is taken off.
  [[nodiscard]] Result<void> set_drained(const HostId& host, bool drained);
  [[nodiscard]] Result<std::set<HostId>> drained();

  /// Who acts by this journal, 16 hex digits, the same for its whole life: hosts obey one owner
  /// (Fence).
  [[nodiscard]] Result<std::string> owner();

  /// The lock that whoever drives this move holds: a move without a holder lost its driver.
  /// Errors: conflict - another process drives it.
  [[nodiscard]] Result<FileLock> lock(const MoveId& id) const;

 private:
  Journal(SqliteDb db, std::filesystem::path file, std::int64_t version);
  Result<void> write(const MoveRecord& record);
  Result<void> answer(const MoveId& id, MoveState state, const std::string& why);
  Result<std::vector<MoveRecord>> select(const std::string& where, std::int64_t value,
                                         bool with_steps);
  Result<void> read_steps(MoveRecord& record);

  SqliteDb db_;
  std::filesystem::path file_;
  std::string columns_;
};

}  // namespace plimsoll
