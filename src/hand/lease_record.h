#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "hand/detached.h"
#include "hand/hand_context.h"
#include "runtime/file_lock.h"

namespace plimsoll {

/// A lease as it is kept in the move's folder; times are of the boot clock, so a reboot, which
/// empties that folder and stops the containers, ends it too.
struct LeaseRecord {
  std::string generation;  ///< Of one arming; a keeper of another one ends.
  std::vector<std::string> containers;
  Duration ttl{};
  Duration grace{};
  Duration until{};
  bool expired = false;
  std::string end;

  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

[[nodiscard]] std::string lease_record_text(const LeaseRecord& record);
/// Errors: malformed.
[[nodiscard]] Result<LeaseRecord> parse_lease_record(std::string_view text);

/// The lease's file, locked: what is read holds until it is written. Errors: io.
class LeaseFile {
 public:
  [[nodiscard]] static Result<LeaseFile> open(const HandContext& context);
  /// Absent where there is no lease. Errors: malformed, io.
  [[nodiscard]] Result<std::optional<LeaseRecord>> read() const;
  [[nodiscard]] Result<void> write(const LeaseRecord& record) const;
  void remove() const;

 private:
  LeaseFile(std::filesystem::path path, FileLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  FileLock lock_;
};

/// The keeper of one arming.
[[nodiscard]] DetachedJob lease_keeper_job(const HandContext& context,
                                           const std::string& generation);

}  // namespace plimsoll
