#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "spool/recovery_plan.h"
#include "spool/segment_reader.h"
#include "spool/spool_format.h"
#include "spool/spool_fs.h"

namespace plimsoll {

struct SpoolLimits {
  std::uint64_t bytes_max = 1U << 30;         ///< On disk; held to one segment. Default 1 GiB.
  Duration age_max = std::chrono::hours{48};  ///< Of a segment's newest point. Default 48 h.
  std::uint64_t segment_bytes = 4U << 20;     ///< When a segment is closed; at most bytes_max / 8.
  std::uint64_t memory_bytes_max = 8U << 20;  ///< What waits while the disk does not take it.
};

/// What was found in the folder.
struct SpoolRecovery {
  std::uint64_t points = 0;   ///< That wait for the store.
  std::uint64_t damaged = 0;  ///< Points that are gone, as far as can be told.
  /// A line for each thing that was not as it should be, with the file's name.
  std::vector<std::string> notes;
};

/// The segments of the spool in their folder: appended at one end, read and acknowledged at the
/// other. No two runs write to the same segment: each begins one of its own.
/// Thread: one at a time. Blocks: on the disk.
class SegmentLog {
 public:
  /// Requires: `fs` outlives it.
  SegmentLog(SpoolFs& fs, SpoolLimits limits) : fs_(fs), limits_(limits) {}

  /// Takes up what is in the folder, whatever state it is in. Called once, before anything else.
  /// Errors: io - the folder cannot be listed.
  [[nodiscard]] Result<SpoolRecovery> recover();

  /// Errors: io - nothing of it counts as written.
  [[nodiscard]] Result<void> append(const PackedPoints& points);
  /// The oldest record that was not given yet; nothing: there is none, or it has more points.
  [[nodiscard]] std::optional<PackedPoints> next(std::uint64_t points_max);
  /// What was given is with the store, or lost for good: it is forgotten. Gives the number of
  /// points.
  [[nodiscard]] std::uint64_t acknowledge();
  /// What was given will be given again. Gives the number of points that will not: they were
  /// dropped meanwhile.
  [[nodiscard]] std::uint64_t release();
  /// Drops the oldest segments, as far as the limits want. Gives the number of points.
  [[nodiscard]] std::uint64_t enforce(TimePoint now);
  /// What was appended so far outlasts a power failure.
  [[nodiscard]] Result<void> sync();
  /// Nothing is appended any more: what is acknowledged needs no file.
  void close();

  [[nodiscard]] std::uint64_t unread() const { return unread_; }  ///< Points not given yet.
  [[nodiscard]] std::uint64_t given() const;  ///< Points given and not yet acknowledged.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t segments() const { return segments_.size(); }
  /// About the time of the oldest point that is not acknowledged.
  [[nodiscard]] std::optional<TimePoint> oldest() const;
  /// Points that turned out damaged while they were read.
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
  /// What happened since the last call, a line each.
  [[nodiscard]] std::vector<std::string> take_notes();

 private:
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::uint64_t points = 0;  // from the segment's beginning, delivered ones too
    std::uint64_t unread = 0;
    std::uint64_t given = 0;
    bool open = false;
    TimePoint oldest, newest;
  };
  /// Behind the last record: its place in its segment.
  struct Place {
    std::uint64_t offset = segment_header_bytes;
    std::uint64_t point = 0;
    TimePoint newest = TimePoint::min();  // of the records before it
  };

  std::optional<SpoolCursor> read_cursor(const std::vector<SpoolFile>& files, SpoolRecovery& found);
  void take_up(const RecoveryPlan::Segment& file, const SegmentScan& scan);
  void note_damage(const RecoveryPlan::Segment& file, const SegmentScan& scan,
                   SpoolRecovery& found) const;
  [[nodiscard]] std::string path(std::uint64_t number) const;
  [[nodiscard]] std::string begin_segment();
  void undo_append(const Segment& segment);
  [[nodiscard]] bool look_ahead();
  [[nodiscard]] bool read_record(Segment& segment);
  void give_up(Segment& segment, const std::string& why);
  [[nodiscard]] std::uint64_t drop_oldest();
  void forget_front();
  void forget_what_is_done();
  void write_cursor();
  void note(std::string line);

  SpoolFs& fs_;
  SpoolLimits limits_;
  std::deque<Segment> segments_;  // front: what is acknowledged ends in it
  std::uint64_t next_number_ = 1;
  std::uint64_t bytes_ = 0;
  std::uint64_t unread_ = 0;
  std::uint64_t damaged_ = 0;
  std::uint64_t orphans_ = 0;  // given, of segments that were dropped since
  Place acknowledged_;         // in the front segment
  std::size_t reading_ = 0;    // index of the segment that is read
  Place read_;                 // in that one
  std::optional<SegmentReader> reader_;
  std::optional<SegmentRecord> ahead_;  // read, not given
  std::vector<std::uint64_t> unsynced_;
  std::vector<std::string> notes_;
};

}  // namespace plimsoll
