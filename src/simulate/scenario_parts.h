#pragma once

#include "simulate/scenario.h"
#include "simulate/scenario_toml.h"

namespace plimsoll {

/// Bounds of a scenario. Ours: a simulation of the largest takes a minute.
inline constexpr std::size_t scenario_hosts_max = 500;
inline constexpr std::size_t scenario_containers_max = 20'000;
inline constexpr std::size_t scenario_tables_max = 5'000;

/// The tables image, host, container and link of a scenario file.
void read_scenario_fleet(ScenarioTable& root, Scenario& scenario);

/// The tables event. Requires: the fleet was read.
void read_scenario_events(ScenarioTable& root, Scenario& scenario);

/// The table expect and those below it. Requires: the fleet was read.
void read_expectations(ScenarioTable& root, Scenario& scenario);

/// A problem where `name` is no host of the scenario.
void want_host(const Scenario& scenario, ScenarioTable& table, std::string_view key,
               const std::string& name);
/// A problem where a pattern matches no host, or no container.
void want_hosts(const Scenario& scenario, ScenarioTable& table, std::string_view key,
                const NamePatterns& patterns);
void want_containers(const Scenario& scenario, ScenarioTable& table, std::string_view key,
                     const NamePatterns& patterns);

}  // namespace plimsoll
