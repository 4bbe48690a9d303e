#pragma once

#include <string>

#include "store/aside.h"
#include "store/serial_client.h"
#include "store/store_login.h"
#include "store/victoria_query.h"

namespace plimsoll {

struct VictoriaConfig {
  /// Where lines are written: the single server, or a cluster's vminsert with its path, such as
  /// "http://vminsert:8480/insert/0/influx".
  std::string url = "http://127.0.0.1:8428";
  /// Where is read, such as "http://vmselect:8481/select/0/prometheus". Empty: as `url`.
  std::string read_url;
  std::string database = "telemetrydata";  ///< The label `db`.
  StoreLogin login;
  Duration timeout{10'000};  ///< For each request. Default 10 s. Zero is refused.
  WallClock clock = wall_clock_now;
};

/// HTTP to VictoriaMetrics: what was refused comes back as an error.
/// Errors: as Store's; messages start with the URL.
/// Requires: outlives the calls made on it.
class VictoriaClient {
 public:
  VictoriaClient(const asio::any_io_executor& executor, VictoriaConfig config,
                 const HttpTarget& write_target, const HttpTarget& read_target);

  [[nodiscard]] Task<Result<void>> write(std::string lines);
  /// The body of a successful answer.
  [[nodiscard]] Task<Result<std::string>> read(VictoriaRequest request);
  /// The same, and what `parse(body)` makes of it, aside from the loop. Requires: as read_aside.
  template <class Parse>
  [[nodiscard]] Task<std::invoke_result_t<Parse, const std::string&>> read(VictoriaRequest request,
                                                                           Parse parse) {
    auto body = co_await read(std::move(request));
    if (!body) co_return body.error();
    auto answer = co_await read_aside(&reading_, std::move(*body), std::move(parse));
    if (!answer) co_return answer.error().in(read_url());
    co_return answer;
  }
  [[nodiscard]] const VictoriaConfig& config() const { return config_; }
  [[nodiscard]] const std::string& read_url() const;

 private:
  [[nodiscard]] HttpRequest post(std::string target, std::string body) const;
  [[nodiscard]] Error failure(const std::string& url, const HttpResponse& response) const;

  VictoriaConfig config_;
  SerialClient writer_;
  SerialClient reader_;
  asio::thread_pool reading_{1};
};

}  // namespace plimsoll
