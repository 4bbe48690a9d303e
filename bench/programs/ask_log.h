#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace plimsoll::bench {

/// When each host was asked, as the hosts saw it.
class AskLog {
 public:
  using Clock = std::chrono::steady_clock;

  AskLog(std::size_t hosts, std::chrono::milliseconds interval)
      : interval_(interval), asked_(hosts) {
    start_anew();
  }

  void start_anew();
  void note(std::size_t host) {
    asked_[host].push_back(std::chrono::duration<double>(Clock::now() - start_).count());
  }

  /// A JSON object over the time since start_anew():
  ///   seconds, requests, expected - hosts x whole intervals;
  ///   missed - polls that did not come: gaps of 1.5 intervals and more, the ends' among them;
  ///   late - polls more than 100 ms after their time, which the poll before gives;
  ///   off_p50_ms, off_p99_ms, off_max_ms - how far from their time polls came;
  ///   busiest - requests of the busiest 100 ms by the mean of all.
  [[nodiscard]] std::string summary() const;

 private:
  struct Gaps {
    std::size_t missed = 0, late = 0;
    std::vector<double> off_ms;
  };
  [[nodiscard]] Gaps gaps(double window_s) const;
  [[nodiscard]] double busiest(double window_s) const;

  std::chrono::milliseconds interval_;
  Clock::time_point start_;
  std::vector<std::vector<double>> asked_;  // seconds since start_
};

}  // namespace plimsoll::bench
