#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "telemetry/point.h"

namespace plimsoll {

/// Finds the points for whose sake a store refuses a whole batch, by halving what was refused until
/// single points are left. No I/O: the caller writes part after part and says what became of it.
class BatchSplitter {
 public:
  explicit BatchSplitter(std::vector<Point> points);

  /// Nothing is left to be written.
  [[nodiscard]] bool done() const { return parts_.empty(); }
  /// What is to be written next. Requires: not done().
  [[nodiscard]] std::vector<Point> next() const;
  /// The store took that part, or said of each point of it what is wrong.
  void written();
  /// The store refused all of that part. `why` are its words.
  void refused(const std::string& why);

  /// Whether any part was taken: if not, it may be the store that is wrong, and not the points.
  [[nodiscard]] bool any_taken() const { return any_taken_; }
  [[nodiscard]] std::size_t refusals() const { return refusals_; }
  [[nodiscard]] std::size_t bad() const { return bad_; }
  /// Of the first bad point: "point 17 of 5000, Device host=h1: ...".
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  struct Part {
    std::size_t first = 0, last = 0;
  };

  std::vector<Point> points_;
  std::vector<Part> parts_;  // the next one at the back
  bool any_taken_ = false;
  std::size_t refusals_ = 0;
  std::size_t bad_ = 0;
  std::string problem_;
};

}  // namespace plimsoll
