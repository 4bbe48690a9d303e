#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "inventory/host_list.h"
#include "monitor/clock_skew.h"
#include "monitor/monitor_config.h"
#include "runtime/dns_cache.h"
#include "runtime/http_client.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// What became of one poll.
struct PollOutcome {
  Result<HostReading> reading;
  Duration took{0};
  std::uint64_t bytes = 0;  ///< Of the answers' bodies.
  /// For the Monitor point: "" or one of the list in docs/formats/measurements.md.
  std::string error_class;
  std::optional<ClockSkew> skew;  ///< Where the answer carries a time.
  /// The error without anything of the answer, so that a host has few of them: for a store, where
  /// each text may be a series of its own. Empty: it was answered.
  std::string brief;

  void fail(std::string with_class, Error error) {
    error_class = std::move(with_class);
    brief = error.message;
    reading = std::move(error);
  }
};

/// What all clients of a fleet share. Never changed: who wants another one makes it.
struct AgentAccess {
  MonitorConfig config;
  std::shared_ptr<DnsCache> names;
  std::shared_ptr<ByteBudget> bodies;
  WallClock clock;
};
[[nodiscard]] std::shared_ptr<const AgentAccess> make_agent_access(
    const asio::any_io_executor& executor, const MonitorConfig& config,
    WallClock clock = wall_clock_now);

/// Asks one host's agent for its telemetry: in our format, or in the predecessor's where the agent
/// does not know ours or host.csv says so.
/// Thread: used from its executor only, one poll at a time.
class AgentClient {
 public:
  AgentClient(asio::any_io_executor executor, const Host& host,
              std::shared_ptr<const AgentAccess> access);

  /// Ends within the configured time-out. Messages start with the agent's address.
  [[nodiscard]] Task<PollOutcome> poll();
  /// From the next poll on. The bounds on answers stay those of the construction.
  void use(std::shared_ptr<const AgentAccess> access) { access_ = std::move(access); }
  /// Drops the connection. Requires: no poll under way.
  void disconnect() { client_.close(); }

 private:
  using Steady = std::chrono::steady_clock;

  struct Answer {
    Result<HttpResponse> response;
    std::string path;
    AskedAt asked;
  };

  [[nodiscard]] Task<Result<void>> find_addresses();
  [[nodiscard]] Task<Answer> ask();
  [[nodiscard]] Task<Answer> get(std::string path);
  [[nodiscard]] Result<HostReading> decode(const Answer& answer) const;
  void take_answer(const Answer& answer, PollOutcome& outcome);
  [[nodiscard]] bool try_ours() const;
  [[nodiscard]] Duration time_left() const;

  std::shared_ptr<const AgentAccess> access_;
  std::string api_;
  HttpClient client_;
  bool is_name_;  ///< The address has to be looked up.
  std::uint64_t bytes_ = 0;
  Steady::time_point deadline_;
  std::optional<Steady::time_point> legacy_since_;
};

}  // namespace plimsoll
