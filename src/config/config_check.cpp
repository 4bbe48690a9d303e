#include "config/config_check.h"

#include <fmt/format.h>

#include "config/policy_settings.h"
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

void check_engine(const std::string& url, Settings& settings) {
  const auto target = parse_http_target(url);
  const bool fine = target && !target->tls;
  want(fine, settings, "agent.docker",
       fine ? "" : "must be unix:///PATH or tcp://HOST:PORT, such as unix:///var/run/docker.sock");
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
  if (!agent.docker.empty()) check_engine(agent.docker, settings);
  want(agent.tls_cert.empty() == agent.tls_key.empty(), settings,
       agent.tls_cert.empty() ? "agent.tls_key" : "agent.tls_cert",
       "needs the other file too: agent.tls_cert and agent.tls_key go together");
}

void check_monitor(const MonitorConfig& monitor, Settings& settings) {
  constexpr Duration shortest{100};
  constexpr Duration longest = std::chrono::hours{1};
  want(monitor.interval >= shortest && monitor.interval <= longest, settings, "monitor.interval",
       "must be from 100ms to 1h");
  want(monitor.timeout > Duration{0} && monitor.timeout <= monitor.interval, settings,
       "monitor.timeout", "must be more than 0 and not longer than monitor.interval");
  want(monitor.backoff_max <= longest, settings, "monitor.backoff_max", "must be at most 1h");
  want(monitor.polls_max >= 1 && monitor.polls_max <= 100'000, settings, "monitor.polls_max",
       "must be from 1 to 100000");
  constexpr std::size_t least_answer = 64U << 10;
  constexpr std::size_t largest_answer = 32U << 20;
  want(monitor.body_bytes_max >= least_answer && monitor.body_bytes_max <= largest_answer, settings,
       "monitor.answer_bytes_max", "must be from 64KiB to 32MiB");
  if (monitor.listen.empty()) return;
  want(is_listen_address(monitor.listen), settings, "monitor.listen",
       "must be ADDRESS:PORT, such as 127.0.0.1:5003, or \"\"");
  want(is_loopback(monitor.listen) || !monitor.listen_token.empty(), settings, "monitor.listen",
       "an address that other machines reach needs monitor.listen_token_file");
}

void check_keep(const SqliteKeep& keep, Settings& settings) {
  constexpr Duration shortest = std::chrono::minutes{10};
  constexpr Bytes smallest{16U << 20};
  want(keep.raw >= shortest, settings, "store.keep_raw", "must be at least 10m");
  want(keep.rollups == Duration{0} || keep.rollups >= keep.raw, settings, "store.keep_rollups",
       "must be at least as long as store.keep_raw, or 0s for none");
  want(keep.bytes_max >= smallest, settings, "store.bytes_max", "must be at least 16MiB");
}

void check_spool(const SpoolLimits& spool, Settings& settings) {
  constexpr std::uint64_t smallest = 1 * mib;
  want(spool.bytes_max >= smallest, settings, "store.spool_bytes", "must be at least 1MiB");
  want(spool.age_max >= std::chrono::minutes{1}, settings, "store.spool_age",
       "must be at least 1m");
}

void check_store(const StoreConfig& store, Settings& settings) {
  const bool server = store.kind == "influxdb" || store.kind == "victoriametrics";
  want(server || store.kind == "sqlite", settings, "store.kind",
       fmt::format("'{}' is unknown; write sqlite, influxdb or victoriametrics",
                   printable(store.kind, 40)));
  if (server) check_url(store.url, settings, "store.url");
  if (!store.read_url.empty()) check_url(store.read_url, settings, "store.read_url");
  want(store.read_url.empty() || store.kind == "victoriametrics", settings, "store.read_url",
       "is for victoriametrics only");
  want(!store.database.empty(), settings, "store.database", "must not be empty");
  want(store.org.empty() || !store.token.empty(), settings, "store.org",
       "needs store.token_file or PLIMSOLL_STORE_TOKEN as well");
  check_keep(store.keep, settings);
}

/// Renewed several times within it, over a link that may be slow. Ours.
constexpr Duration lease_min{5'000};

void check_orchestrator(const OrchestratorConfig& config, Settings& settings) {
  want(config.retention >= Duration{0}, settings, "orchestrator.retention", "must not be negative");
  want(config.forward >= Duration{0}, settings, "orchestrator.forward", "must not be negative");
  want(config.lease >= lease_min, settings, "orchestrator.lease", "must be at least 5s");
  want(config.hooks.timeout > Duration{0}, settings, "hooks.timeout", "must be more than 0");
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
  check_spool(config.monitor.spool.limits, settings);
  check_orchestrator(config.orchestrator, settings);
  check_web(config.web, settings);
  check_policy(config.policy, settings);
}

}  // namespace plimsoll
