#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::bench {

/// What the simulated hosts answer: made-up readings of a host with some containers, each as our
/// JSON and as Prometheus text with a line for every number of that JSON, and nothing else in it.
class HostAnswers {
 public:
  explicit HostAnswers(std::size_t containers);

  /// Whole HTTP answers, stamped with the time now; each call gives the next of a few readings.
  [[nodiscard]] std::string_view telemetry();
  [[nodiscard]] std::string_view metrics();

  /// Numbers in one answer.
  [[nodiscard]] std::size_t samples() const { return samples_; }
  [[nodiscard]] std::size_t telemetry_bytes() const { return answers_[0].telemetry.size(); }
  [[nodiscard]] std::size_t metrics_bytes() const { return answers_[0].metrics.size(); }

 private:
  struct Answer {
    std::string telemetry;
    std::size_t time_at = 0;
    std::string metrics;
  };
  std::vector<Answer> answers_;
  std::size_t samples_ = 0;
  std::size_t next_ = 0;
};

}  // namespace plimsoll::bench
