#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace plimsoll {

struct InfluxConfig {
  std::string url = "http://127.0.0.1:8086";
  std::string database = "telemetrydata";  ///< Or the bucket.
  std::string username;                    ///< Empty: without authentication.
  std::string password;
  std::string token;         ///< In place of user and password, for 2.x.
  std::string org;           ///< With a token: writes go to /api/v2/write of this organisation.
  Duration timeout{10'000};  ///< For each request. Default 10 s. Zero is refused.
};

/// InfluxDB 1.x over HTTP: line protocol to /write, InfluxQL on /query; 2.x by token, through its
/// /api/v2/write and its InfluxQL compatibility. Credentials go in a header, never in an address.
///
/// A batch is sent in requests of at most 5000 points. When InfluxDB takes a part only, the batch
/// is halved until the bad points are found, as far as ten problems go; sending a point twice
/// changes nothing.
/// Errors: as Store's; messages start with the URL.
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
  [[nodiscard]] std::string describe() const override;

 private:
  class Impl;
  explicit InfluxStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
