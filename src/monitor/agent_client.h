#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "inventory/host_list.h"
#include "monitor/monitor_config.h"
#include "runtime/http_client.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// What became of one poll.
struct PollOutcome {
  Result<HostReading> reading;
  Duration took{0};
  std::uint64_t bytes = 0;  ///< Of the answers' bodies.
  /// For the Monitor point: "", connect, timeout, http_404, malformed, too_large, cut_off, ...
  std::string error_class;
};

/// Asks one host's agent for its telemetry: in our format, or in the predecessor's where the agent
/// does not know ours or host.csv says so.
/// Thread: used from its executor only, one poll at a time.
class AgentClient {
 public:
  AgentClient(asio::any_io_executor executor, const Host& host, const MonitorConfig& config);

  /// Ends within the configured time-out. Messages start with the agent's address.
  [[nodiscard]] Task<PollOutcome> poll();

 private:
  using Steady = std::chrono::steady_clock;

  struct Answer {
    Result<HttpResponse> response;
    std::string path;
  };

  [[nodiscard]] Task<Answer> ask();
  [[nodiscard]] Task<Answer> get(std::string path);
  [[nodiscard]] Result<HostReading> decode(const Answer& answer) const;
  [[nodiscard]] bool try_ours() const;

  std::string api_;
  Duration timeout_;
  Duration legacy_retry_;
  std::string token_;
  HttpClient client_;
  std::uint64_t bytes_ = 0;
  Steady::time_point deadline_;
  std::optional<Steady::time_point> legacy_since_;
};

}  // namespace plimsoll
