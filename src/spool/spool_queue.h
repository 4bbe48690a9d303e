#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spool/segment_log.h"

namespace plimsoll {

/// Of points, unless said. At any time
/// recovered + pushed = delivered + dropped + damaged + waiting.
struct SpoolCounters {
  std::uint64_t recovered = 0;  ///< Found on disk at the start.
  std::uint64_t pushed = 0;
  std::uint64_t delivered = 0;  ///< With the store, or refused by it for good.
  std::uint64_t dropped = 0;    ///< The oldest, for want of room or for their age.
  std::uint64_t damaged = 0;    ///< Unreadable when their turn came.
  std::uint64_t waiting = 0;
  /// Unreadable at the start already, as far as can be told; never counted as recovered.
  std::uint64_t damaged_at_start = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t memory_bytes = 0;  ///< Of waiting points that are not on disk.
  std::size_t segments = 0;
  std::uint64_t disk_failures = 0;
  bool on_disk = false;             ///< The folder is open and took the last write.
  std::optional<TimePoint> oldest;  ///< About the time of the oldest waiting point.
};

/// Points on their way to the store, oldest first: on disk, and in memory where there is no folder
/// or it does not take them. Bounded in both; what does not fit pushes the oldest out.
/// Thread: one at a time. Blocks: on the disk.
class SpoolQueue {
 public:
  using Open = std::function<Result<std::unique_ptr<SpoolFs>>()>;

  /// `open` gives the folder; tried again now and then where it fails. Empty: memory only.
  SpoolQueue(Open open, SpoolLimits limits) : open_(std::move(open)), limits_(limits) {}

  /// Takes up what a run before this one left. Called by the others where it was not.
  void start(TimePoint now);
  void append(std::vector<PackedPoints> records, TimePoint now);
  /// The oldest, at most so many but at least a record; takes more each time, until acknowledged or
  /// released.
  [[nodiscard]] std::vector<Point> take(std::size_t points_max);
  /// All that was taken is with the store.
  void acknowledge();
  /// All that was taken will be given again.
  void release();
  /// To be called now and then: where the store is behind, makes what waits outlast a power
  /// failure, at most once a second.
  void maintain(TimePoint now);
  /// What waits outlasts a power failure. Where the disk does not take it, it stays in memory.
  void close(TimePoint now);

  [[nodiscard]] SpoolCounters counters() const;
  /// What happened since the last call, a line each.
  [[nodiscard]] std::vector<std::string> take_notes();

 private:
  void write_out(TimePoint now);
  void trouble(const Error& error, TimePoint now);
  void keep(PackedPoints record);
  PackedPoints take_from_memory();
  void trim_memory();
  void add(std::vector<Point>& to, const PackedPoints& record);
  void sync();

  Open open_;
  SpoolLimits limits_;
  std::unique_ptr<SpoolFs> fs_;
  std::unique_ptr<SegmentLog> log_;
  std::deque<PackedPoints> memory_;    // younger than all on disk
  std::vector<PackedPoints> in_hand_;  // taken from memory_
  std::uint64_t memory_bytes_ = 0;
  std::uint64_t memory_points_ = 0;
  std::uint64_t in_hand_points_ = 0;
  std::uint64_t unreadable_ = 0;       // of what was taken
  std::optional<TimePoint> retry_at_;  // the disk did not take the last write
  bool told_ = false;                  // of that
  TimePoint synced_at_;
  SpoolCounters counted_;
  std::vector<std::string> notes_;
};

}  // namespace plimsoll
