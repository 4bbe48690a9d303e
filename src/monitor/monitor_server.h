#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "monitor/monitor.h"
#include "runtime/http_server.h"

namespace plimsoll {

/// One host a line of GET /v1/hosts: {"hosts": [{"name", "address", "up", "error_class", "error",
/// "failures", "passed_over", "last_seen", "clock_skew_s", "clock_skew_uncertainty_s"}]}. "up" is
/// null before the first poll.
[[nodiscard]] std::string render_monitor_hosts(const Monitor& monitor);

/// Serves GET /metrics, /v1/hosts and /healthz of a monitor (docs/formats/metrics.md) at
/// config.listen; with a token where config.listen_token says so, but for /healthz.
/// Errors: as HttpServer::start, naming monitor.listen.
/// Requires: the monitor outlives the server.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> start_monitor_server(
    const asio::any_io_executor& executor, const MonitorConfig& config, const Monitor& monitor);

}  // namespace plimsoll
