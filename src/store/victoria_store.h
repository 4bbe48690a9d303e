#pragma once

#include <memory>
#include <string>

#include "store/store.h"
#include "store/victoria_client.h"

namespace plimsoll {

/// VictoriaMetrics, one server or a cluster: line protocol to /write, PromQL and raw samples from
/// its query API. victoria_lines.h says how points are kept there. Tested on 1.79.
///
/// The server's flags -influxMeasurementFieldSeparator, -influxSkipSingleField,
/// -influxSkipMeasurement and -influxDBLabel must have their defaults. With
/// -dedup.minScrapeInterval=1ms a point that is written twice counts once in aggregate() too.
/// latest() looks back further than some minutes only every ten minutes, or when this store has
/// written older points: another program's late points of a silent series may be seen that late.
/// Errors: as Store's; messages start with the URL.
/// Requires: outlives the calls made on it.
class VictoriaStore final : public Store {
 public:
  /// Errors: invalid - a URL or another setting.
  [[nodiscard]] static Result<std::unique_ptr<VictoriaStore>> make(
      const asio::any_io_executor& executor, VictoriaConfig config);
  ~VictoriaStore() override;

  [[nodiscard]] Task<Result<void>> open() override;
  [[nodiscard]] Task<Result<WriteReport>> write(std::vector<Point> points) override;
  [[nodiscard]] Task<Result<std::vector<Series>>> range(RangeQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> latest(LatestQuery query) override;
  /// PromQL, but for percentiles and more than 30,000 steps: those are computed from rows.
  [[nodiscard]] Task<Result<std::vector<SummarySeries>>> aggregate(AggregateQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> points(PointsQuery query) override;
  [[nodiscard]] Task<Result<std::vector<std::string>>> measurements() override;
  [[nodiscard]] StoreTraits traits() const override;
  [[nodiscard]] std::string describe() const override;

 private:
  class Impl;
  explicit VictoriaStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
