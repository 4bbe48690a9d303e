#pragma once

#include <memory>
#include <string>

#include "store/store.h"
#include "store/store_login.h"

namespace plimsoll {

struct InfluxConfig {
  std::string url = "http://127.0.0.1:8086";
  std::string database = "telemetrydata";  ///< Or the bucket.
  StoreLogin login;                        ///< With a token: 2.x or 3.x.
  std::string org;           ///< The organisation: makes it 2.x. A token without one makes it 3.x.
  Duration timeout{10'000};  ///< For each request. Default 10 s. Zero is refused.
};

/// InfluxDB over HTTP: InfluxQL on /query, line protocol to
///   1.x  /write, with user and password or without
///   2.x  /api/v2/write, with a token and an organisation
///   3.x  /api/v3/write_lp, with a token; partial writes accepted
/// 1.x is tested on the real server; 2.x and 3.x by their published contract only. Credentials go
/// in a header, never in an address. A missing database is made in 1.x; a bucket of 2.x is not.
///
/// A batch is sent in requests of at most 5000 points. When InfluxDB takes a part only, the bad
/// points are looked for, see InfluxBatch.
/// Errors: as Store's; not_found - no such database or bucket; messages start with the URL.
/// Requires: outlives the calls made on it.
class InfluxStore final : public Store {
 public:
  /// Errors: invalid - the URL or another setting.
  [[nodiscard]] static Result<std::unique_ptr<InfluxStore>> make(
      const asio::any_io_executor& executor, InfluxConfig config);
  ~InfluxStore() override;

  [[nodiscard]] Task<Result<void>> open() override;
  [[nodiscard]] Task<Result<WriteReport>> write(std::vector<Point> points) override;
  [[nodiscard]] Task<Result<std::vector<Series>>> range(RangeQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> latest(LatestQuery query) override;
  /// InfluxQL, but for percentiles and truths: those are computed from rows.
  [[nodiscard]] Task<Result<std::vector<SummarySeries>>> aggregate(AggregateQuery query) override;
  [[nodiscard]] Task<Result<std::vector<Point>>> points(PointsQuery query) override;
  [[nodiscard]] Task<Result<std::vector<std::string>>> measurements() override;
  [[nodiscard]] StoreTraits traits() const override;
  [[nodiscard]] std::string describe() const override;

 private:
  class Impl;
  explicit InfluxStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
