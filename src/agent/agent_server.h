#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/goodput_probe.h"
#include "agent/probe_limit.h"
#include "agent/probe_memory.h"
#include "agent/rtt_meter.h"
#include "runtime/http_server.h"
#include "runtime/secret_file.h"
#include "telemetry/reading.h"

namespace plimsoll {

struct AgentServerConfig {
  RttConfig rtt;
  int rtt_at_once_max = 4;  ///< Further POST /rttData are told to come later.
  ProbeLimits probe_limits;
  ProbeTrust probe_trust;
  Duration stale_after{10'000};  ///< An older sample is no longer shown.
  std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
};

/// The agent's endpoints (agent_routes.h, docs/api/agent.yaml). Everything but /rttData and
/// /v1/probe is answered from the last sample in memory; each form of it is encoded once, whoever
/// asks. What a request may send is known before its body is read.
///
/// Thread: used from one executor.
class AgentServer : public HttpHandler {
 public:
  AgentServer(const asio::any_io_executor& executor, AgentServerConfig config, WallClock clock);
  ~AgentServer() override;

  /// The sample that is shown from now on, until it is stale.
  void publish(HostReading reading);
  /// Why no new sample came, for whoever asks when the old one has become stale.
  void miss(std::string reason) { missed_ = std::move(reason); }
  /// Changes the sample that is shown; `change` is not called before there is one.
  void amend(const std::function<void(HostReading&)>& change);
  /// What to call when somebody wants to know the containers' writable layers
  /// (/v1/telemetry?writable=1).
  void on_writable_asked(std::function<void()> call) { writable_asked_ = std::move(call); }
  /// What callers must present, but for the open routes; where none is set, nothing.
  void set_tokens(SecretFile tokens) { tokens_ = std::move(tokens); }
  /// Where this agent listens itself: other agents of the fleet are likely to listen there too.
  void set_own_port(std::uint16_t port) { own_port_ = port; }

  [[nodiscard]] Admission admit(const HttpRequest& head, Admission usual) override;
  Task<HttpResponse> handle(HttpRequest request) override;

 private:
  struct Sample;
  enum class Form { devicedetails, containers, combined, v1, metrics };

  [[nodiscard]] std::optional<HttpResponse> refuse(const HttpRequest& head);
  void add_headers(HttpResponse& response) const;
  [[nodiscard]] Task<HttpResponse> answer(HttpRequest request);
  [[nodiscard]] HttpResponse show(Form form);
  void show_from_now_on(HostReading reading);
  [[nodiscard]] Duration age() const;
  /// Why there is nothing to show; nothing where there is.
  [[nodiscard]] std::optional<HttpResponse> unavailable() const;
  [[nodiscard]] HttpResponse health() const;
  [[nodiscard]] Task<HttpResponse> measure_rtt(HttpRequest request);
  [[nodiscard]] Task<HttpResponse> probe(HttpRequest request);
  [[nodiscard]] std::string may_not_probe(const ProbeRequest& wanted) const;

  asio::any_io_executor executor_;
  AgentServerConfig config_;
  WallClock clock_;
  RttMeter rtt_;
  SecretFile tokens_ = SecretFile::fixed("");
  std::uint16_t own_port_ = agent_port;
  std::unique_ptr<Sample> sample_;
  std::chrono::steady_clock::time_point published_at_;
  std::string missed_;
  std::function<void()> writable_asked_;
  int measuring_rtt_ = 0;
  ProbeLimit probe_limit_;
  ProbeMemory probe_memory_;
};

}  // namespace plimsoll
