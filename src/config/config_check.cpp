#include "config/config_check.h"

#include <fmt/format.h>

#include "core/text.h"
#include "runtime/http.h"

namespace plimsoll {
namespace {

void want(bool fine, Settings& settings, std::string_view key, const std::string& message) {
  if (!fine) settings.problem(key, message);
}

bool is_listen_address(std::string_view listen) {
  const auto colon = listen.rfind(':');
  return colon != std::string_view::npos && colon > 0 &&
         parse_number<std::uint16_t>(listen.substr(colon + 1)).has_value();
}

void check_url(const std::string& url, Settings& settings, std::string_view key) {
  if (const auto target = parse_http_target(url); !target) {
    settings.problem(key, target.error().message);
  }
}

void check_agent(const AgentConfig& agent, Settings& settings) {
  constexpr Duration shortest{100};
  constexpr Duration longest = std::chrono::hours{1};
  want(is_listen_address(agent.listen), settings, "agent.listen",
       "must be ADDRESS:PORT, such as 0.0.0.0:5002");
  want(agent.sample_every >= shortest && agent.sample_every <= longest, settings,
       "agent.sample_every", "must be from 100ms to 1h");
  want(agent.scope.empty() || agent.scope.front() == '/', settings, "agent.scope",
       "must be a cgroup's path from its root, such as /docker.slice");
  if (!agent.docker.empty()) check_url(agent.docker, settings, "agent.docker");
}

void check_monitor(const MonitorConfig& monitor, Settings& settings) {
  constexpr Duration shortest{100};
  constexpr Duration longest = std::chrono::hours{1};
  want(monitor.interval >= shortest && monitor.interval <= longest, settings, "monitor.interval",
       "must be from 100ms to 1h");
  want(monitor.timeout > Duration{0} && monitor.timeout <= monitor.interval, settings,
       "monitor.timeout", "must be more than 0 and not longer than monitor.interval");
}

void check_store(const StoreConfig& store, Settings& settings) {
  if (store.kind == "victoriametrics") {
    settings.problem("store.kind",
                     "victoriametrics is not supported by this version; write sqlite or influxdb");
  } else if (store.kind != "sqlite" && store.kind != "influxdb") {
    settings.problem("store.kind", fmt::format("'{}' is unknown; write sqlite or influxdb",
                                               printable(store.kind, 40)));
  }
  if (store.kind == "influxdb") check_url(store.url, settings, "store.url");
  want(!store.database.empty(), settings, "store.database", "must not be empty");
}

void check_orchestrator(const OrchestratorConfig& config, Settings& settings) {
  if (config.strategy == "live") {
    settings.problem("orchestrator.strategy",
                     "live is not supported by this version; write warm or cold");
  } else if (config.strategy != "warm" && config.strategy != "cold") {
    settings.problem("orchestrator.strategy", fmt::format("'{}' is unknown; write warm or cold",
                                                          printable(config.strategy, 40)));
  }
  want(config.retention >= Duration{0}, settings, "orchestrator.retention", "must not be negative");
}

void check_web(const WebConfig& web, Settings& settings) {
  want(is_listen_address(web.listen), settings, "web.listen",
       "must be ADDRESS:PORT, such as 127.0.0.1:8480");
  want(is_loopback(web.listen) || !web.token.empty(), settings, "web.listen",
       "an address that other machines reach needs web.token_file");
}

}  // namespace

void check_config(const Config& config, Settings& settings) {
  check_agent(config.agent, settings);
  check_monitor(config.monitor, settings);
  check_store(config.store, settings);
  check_orchestrator(config.orchestrator, settings);
  check_web(config.web, settings);
  for (const auto& [key, message] : check(config.policy)) {
    // sample_every is the monitor's interval, which was looked at above.
    if (key != "monitor.interval") settings.problem("orchestrator." + key, message);
  }
}

}  // namespace plimsoll
