#pragma once

#include <cstdint>
#include <vector>

#include "monitor/monitor_config.h"
#include "monitor/point_queue.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

enum class StoreState { open, closed };

/// Brings the queue's points to the store in batches. While the store is away it tries again with
/// growing pauses, and the points wait.
/// Thread: used from its executor only.
class StoreWriter {
 public:
  /// Requires: store and queue outlive it. A closed store is opened first.
  StoreWriter(const asio::any_io_executor& executor, const MonitorConfig& config, Store& store,
              StoreState state, PointQueue& queue);

  /// Writes until stop(), and then what is left. Called once.
  [[nodiscard]] Task<> run();
  /// To be called after each push.
  void pushed();
  /// What is left is tried once more.
  void stop();

  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }

 private:
  using Steady = std::chrono::steady_clock;

  /// A store that says no to all of a batch so often will say so for ever.
  static constexpr int refusals_max = 5;

  [[nodiscard]] Task<> wait(Duration at_most);
  [[nodiscard]] Task<bool> write_all();
  [[nodiscard]] Task<Result<void>> write_batch();
  void take_report(const WriteReport& report);
  void take_failure(const Error& error);
  void tell_of_losses();

  MonitorConfig config_;
  Store& store_;
  StoreState state_;
  PointQueue& queue_;
  asio::steady_timer timer_;
  std::vector<Point> batch_;  ///< Taken from the queue, not yet written.
  bool stopping_ = false;
  bool away_ = false;
  int refusals_ = 0;
  Duration pause_;
  std::uint64_t written_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t losses_told_ = 0;
  Steady::time_point losses_told_at_;
};

}  // namespace plimsoll
