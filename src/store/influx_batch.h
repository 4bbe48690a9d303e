#pragma once

#include <string>
#include <vector>

#include "store/influx_refusal.h"
#include "store/point_rules.h"

namespace plimsoll {

/// Keeps the account of one write to InfluxDB: what is to be sent, and what became of it. A part
/// that is not taken whole is sent again in smaller ones until the bad points are found, as far as
/// ten problems and some hundred requests go; sending a point twice changes nothing.
class InfluxBatch {
 public:
  explicit InfluxBatch(std::vector<Point> points);

  /// Points that go into one request, as places in the batch.
  using Part = std::vector<std::size_t>;

  [[nodiscard]] bool done() const { return parts_.empty(); }
  /// Requires: not done.
  [[nodiscard]] Part next();
  [[nodiscard]] std::string lines(const Part& part) const;
  void taken(const Part& part) { report_.written += part.size(); }
  void taken_in_part(Part part, const InfluxPartial& partial);
  [[nodiscard]] WriteReport report() &&;

 private:
  void refuse(std::size_t point, std::string_view why);
  void refuse_named(Part part, const InfluxPartial& partial);
  void split(const Part& part, std::size_t middle);

  WriteReport report_;
  StorablePoints batch_;
  std::vector<Part> parts_;  // the next one at the back
  int splits_left_;
};

}  // namespace plimsoll
