#pragma once

#include <string>

#include "telemetry/reading.h"

namespace plimsoll {

/// The answer of GET /metrics: Prometheus text exposition, version 0.0.4. Names of node_exporter
/// and cAdvisor where they mean the same; what we hold only as a rate or a share has a plimsoll_
/// name, since a dashboard would take rate() of a counter. Listed in docs/formats/metrics.md.
[[nodiscard]] std::string encode_prometheus(const HostReading& reading);

inline constexpr const char* prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace plimsoll
