#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "telemetry/reading.h"

namespace plimsoll {

// The predecessor's JSON (docs/formats/legacy.md), so that its agents and collectors work with
// ours.

/// Answers of GET /devicedetails, /containers and /combined. Its fields are always all there: what
/// is unknown is 0, since readers of this form know no absence.
[[nodiscard]] std::string encode_devicedetails(const HostReading& reading);
[[nodiscard]] std::string encode_containers(const HostReading& reading);
[[nodiscard]] std::string encode_combined(const HostReading& reading);

/// Reads GET /combined or /devicedetails, of the older agents with `cpu_utilization` and
/// `cpu_count` too. Numbers may be texts. `sampled_at` is left at the epoch: the form has no time.
/// Errors: malformed - not JSON or neither CPU figure in it; invalid - a value that no host can
/// have; too_large.
[[nodiscard]] Result<HostReading> decode_combined(std::string_view json);

/// POST /rttData {"hosts": [...]}.
inline constexpr std::size_t rtt_hosts_max = 64;

struct RttReport {
  std::string host;
  double avg_ms = 0, min_ms = 0, max_ms = 0;  ///< 0 where nothing came back.
  double loss = 0;                            ///< 0.0-1.0.
  friend bool operator==(const RttReport&, const RttReport&) = default;
};

/// The hosts asked for.
/// Errors: malformed; too_large - more than rtt_hosts_max of them.
[[nodiscard]] Result<std::vector<std::string>> decode_rtt_request(std::string_view json);
[[nodiscard]] std::string encode_rtt_response(const std::vector<RttReport>& reports);

}  // namespace plimsoll
