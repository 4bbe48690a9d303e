#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/time.h"
#include "runtime/asio.h"
#include "spool/spool_queue.h"
#include "telemetry/point.h"

namespace plimsoll {

/// Where points wait for the store.
struct PointQueueConfig {
  std::filesystem::path folder;  ///< data_dir/spool. Empty: in memory only.
  SpoolLimits limits;
  /// What was pushed is on its way to the disk after so long, full record or not.
  Duration write_every{250};
};

/// Points on their way to the store, oldest first; on disk, so that a program that is killed loses
/// less than a second of them (docs/decisions/0016). Never waits: packing is done at once, all that
/// waits for the disk on a thread of its own.
/// Thread: used from its executor only.
class PointQueue {
 public:
  /// Touches the disk only once it is used. `clock` is called on the queue's own thread.
  PointQueue(const asio::any_io_executor& executor, PointQueueConfig config,
             WallClock clock = wall_clock_now);
  /// All that was pushed is on disk afterwards. Blocks: on the disk.
  ~PointQueue();
  PointQueue(const PointQueue&) = delete;
  PointQueue& operator=(const PointQueue&) = delete;

  void push(const std::vector<Point>& points);
  /// What was pushed so far can be taken.
  void seal();
  /// The oldest, about so many; more with each call until they are acknowledged or released.
  [[nodiscard]] Task<std::vector<Point>> take(std::size_t count_max);
  /// All that was taken is with the store.
  [[nodiscard]] Task<> acknowledge();
  /// All that was taken will be given again.
  [[nodiscard]] Task<> release();
  /// What was pushed so far is on disk, as far as that takes it.
  [[nodiscard]] Task<> flush();

  /// Points that were pushed, or found on disk, and are neither acknowledged nor lost.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// Points that were dropped for want of room or for their age, since the start.
  [[nodiscard]] std::uint64_t dropped() const;
  /// All of it, for /metrics. As of the last work of the queue's thread; `waiting` and `dropped` as
  /// size() and dropped().
  [[nodiscard]] SpoolCounters counters() const;
  /// For people: "12 MiB in data/spool", "3 MiB in memory".
  [[nodiscard]] std::string describe() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plimsoll
