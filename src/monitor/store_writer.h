#pragma once

#include <cstdint>
#include <vector>

#include "monitor/batch_splitter.h"
#include "monitor/histogram.h"
#include "monitor/monitor_config.h"
#include "monitor/point_queue.h"
#include "runtime/asio.h"
#include "store/store.h"

namespace plimsoll {

enum class StoreState { open, closed };

/// Brings the queue's points to the store in batches. While the store is away it tries again with
/// growing pauses, and the points wait in the queue. Points that the store refuses are found and
/// dropped, one by one; a store that refuses everything counts as away.
/// Thread: used from its executor only.
class StoreWriter {
 public:
  /// Requires: store and queue outlive it. A closed store is opened first.
  StoreWriter(const asio::any_io_executor& executor, const MonitorConfig& config, Store& store,
              StoreState state, PointQueue& queue);

  /// Writes until stop(), and then what is left; what the store does not take then is on disk.
  /// Called once.
  [[nodiscard]] Task<> run();
  /// From before run() until let_go() the store is not touched: somebody else opens it, and tells
  /// what comes of it. Points wait, on disk as ever.
  void hold() { held_ = true; }
  void let_go();
  /// To be called after each push.
  void pushed();
  /// What is left is tried once more.
  void stop();

  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t rejected() const { return rejected_; }
  /// Of each call of the store, whatever came of it.
  [[nodiscard]] const DurationHistogram& write_time() const { return write_time_; }
  /// The store does not take points now.
  [[nodiscard]] bool away() const { return away_; }

 private:
  using Steady = std::chrono::steady_clock;

  enum class Verdict { written, refused, away };
  /// After so many refusals without a point taken it may be the store that is wrong.
  enum class Patience { limited, unlimited };
  static constexpr std::size_t refusals_max = 32;

  [[nodiscard]] Task<> wait(Duration at_most);
  [[nodiscard]] bool batch_waits() const;
  [[nodiscard]] Task<bool> write_all();
  [[nodiscard]] Task<bool> open();
  [[nodiscard]] Task<Verdict> write(std::vector<Point> points);
  [[nodiscard]] Task<Verdict> isolate(std::size_t count);
  [[nodiscard]] Task<Verdict> write_parts(BatchSplitter* batch, Patience patience);
  void take_report(const WriteReport& report);
  void note_rejected(std::size_t count, std::string problem);
  void tell_of_rejected();
  void take_failure(const Error& error);
  void give_up_bad_points(const BatchSplitter& batch);
  void note_success();
  void tell_of_return();
  void tell_of_losses();

  MonitorConfig config_;
  Store& store_;
  StoreState state_;
  PointQueue& queue_;
  asio::steady_timer timer_;
  bool stopping_ = false;
  bool held_ = false;
  bool away_ = false;
  bool idle_ = false;         // the last round found nothing to write
  bool catching_up_ = false;  // since the store came back
  Error failure_;             // the last one
  Steady::time_point away_since_, back_since_;
  std::uint64_t written_before_ = 0;  // when it went away
  Duration pause_;
  std::uint64_t written_ = 0;
  std::uint64_t rejected_ = 0;
  DurationHistogram write_time_;
  std::uint64_t losses_told_ = 0;
  Steady::time_point losses_told_at_;
  std::uint64_t rejected_told_ = 0;
  Steady::time_point rejected_told_at_;
  std::string rejected_why_;  // the last reason
};

}  // namespace plimsoll
