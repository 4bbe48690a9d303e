#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace plimsoll {

enum class AgentRoute {
  devicedetails,
  containers,
  combined,
  telemetry,
  metrics,
  health,
  rtt,
  probe,
  sink,
  openapi,
};

struct AgentRouteRow {
  std::string_view path;
  std::string_view method;
  AgentRoute route;
  bool is_open;                ///< No token is asked for.
  std::size_t body_bytes_max;  ///< Of a request.
};

/// Of a piece of POST /v1/sink, which is counted and not kept.
inline constexpr std::size_t sink_bytes_max = 1U << 20;

/// Every path of the agent; docs/api/agent.yaml has the same ones.
inline constexpr std::array<AgentRouteRow, 10> agent_routes{{
    {"/devicedetails", "GET", AgentRoute::devicedetails, false, 0},
    {"/containers", "GET", AgentRoute::containers, false, 0},
    {"/combined", "GET", AgentRoute::combined, false, 0},
    {"/v1/telemetry", "GET", AgentRoute::telemetry, false, 0},
    {"/metrics", "GET", AgentRoute::metrics, false, 0},
    {"/healthz", "GET", AgentRoute::health, true, 0},
    {"/rttData", "POST", AgentRoute::rtt, false, 64U << 10},
    {"/v1/probe", "POST", AgentRoute::probe, false, 4U << 10},
    {"/v1/sink", "POST", AgentRoute::sink, false, sink_bytes_max},
    {"/openapi.yaml", "GET", AgentRoute::openapi, true, 0},
}};

/// The row of a request's target, or null.
[[nodiscard]] constexpr const AgentRouteRow* find_agent_route(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  for (const auto& row : agent_routes) {
    if (row.path == path) return &row;
  }
  return nullptr;
}

}  // namespace plimsoll
