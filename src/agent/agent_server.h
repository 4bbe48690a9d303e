#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "agent/rtt_meter.h"
#include "runtime/http_server.h"
#include "telemetry/reading.h"

namespace plimsoll {

struct AgentServerConfig {
  RttConfig rtt;
  Duration probe_every{1'000};   ///< At most one goodput probe in this time.
  Duration stale_after{10'000};  ///< An older sample makes /healthz fail.
};

/// The agent's endpoints (DESIGN 4). Everything but /rttData and /v1/probe is answered from the
/// last sample in memory; each form of it is encoded once, whoever asks.
///
/// Thread: used from one executor.
class AgentServer : public HttpHandler {
 public:
  AgentServer(const asio::any_io_executor& executor, AgentServerConfig config, WallClock clock);
  ~AgentServer() override;

  /// The sample that is shown from now on.
  void publish(HostReading reading);
  /// What callers must present, but for /healthz; "" - nothing.
  void set_token(std::string token) { token_ = std::move(token); }

  Task<HttpResponse> handle(HttpRequest request) override;

 private:
  struct Sample;
  enum class Form { devicedetails, containers, combined, v1, metrics };

  [[nodiscard]] bool is_authorized(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse show(Form form);
  [[nodiscard]] HttpResponse health() const;
  [[nodiscard]] Task<HttpResponse> measure_rtt(HttpRequest request);
  [[nodiscard]] Task<HttpResponse> probe(HttpRequest request);

  asio::any_io_executor executor_;
  AgentServerConfig config_;
  WallClock clock_;
  RttMeter rtt_;
  std::string token_;
  std::unique_ptr<Sample> sample_;
  bool measuring_rtt_ = false;
  bool probing_ = false;
  std::optional<std::chrono::steady_clock::time_point> probed_at_;
};

/// Compares without telling by its duration where texts of the same length differ.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

}  // namespace plimsoll
