#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

inline constexpr std::uint64_t probe_bytes_max = 16U << 20;
inline constexpr Duration probe_time_max{3'000};
inline constexpr std::chrono::seconds probe_age_max{3'600};
inline constexpr std::uint16_t agent_port = 5002;

class TlsTrust;

/// How other agents are spoken to.
struct ProbeTrust {
  bool tls = false;                 ///< Where the request says nothing: as this agent itself.
  std::shared_ptr<TlsTrust> trust;  ///< Null: the system's authorities.
};

/// The body of POST /v1/probe.
struct ProbeRequest {
  std::string host;
  std::uint16_t port = agent_port;
  std::optional<bool> tls;  ///< "scheme": https or http.
  std::uint64_t bytes = 4U << 20;
  Duration max_age{0};  ///< "max_age_s": a measurement no older than that will do.
};
/// Errors: malformed - not of that form, or more than probe_bytes_max asked for.
[[nodiscard]] Result<ProbeRequest> decode_probe_request(std::string_view json);

struct ProbeReport {
  double rtt_ms = 0;
  double goodput_bytes_per_s = 0;
  std::uint64_t bytes = 0;  ///< Really sent; fewer than asked for where time ran out.
  Duration age{0};          ///< "age_s": since it was measured.
};
[[nodiscard]] std::string encode_probe_report(const ProbeReport& report);

/// Round trip and goodput to another agent: incompressible bytes in pieces to its POST /v1/sink,
/// each piece's time less one round trip. What listens there is asked for GET /healthz first;
/// unless it answers as an agent does, it gets nothing else, the token neither. Errors: as
/// HttpClient; refused - it is not an agent that takes them. `token` may be "".
[[nodiscard]] Task<Result<ProbeReport>> measure_goodput(ProbeRequest request, std::string token,
                                                        ProbeTrust trust);

}  // namespace plimsoll
