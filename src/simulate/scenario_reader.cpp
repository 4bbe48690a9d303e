#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/policy_settings.h"
#include "core/suggest.h"
#include "core/text.h"
#include "simulate/scenario_parts.h"

namespace plimsoll {
namespace {

constexpr std::size_t file_bytes_max = 4 * mib;
constexpr Duration longest = std::chrono::hours{24 * 7};
constexpr Duration shortest_step = std::chrono::seconds{1};
/// Steps times all that has a load. Ours.
constexpr std::size_t work_max = 100'000'000;
/// A Monday noon, where the file says nothing.
constexpr TimePoint monday_noon =
    std::chrono::sys_days{std::chrono::year{2026} / 1 / 5} + std::chrono::hours{12};

void read_start(ScenarioTable& root, Scenario& scenario) {
  std::string start;
  root.read("start", start);
  if (start.empty()) return;
  if (const auto time = parse_rfc3339(start)) {
    scenario.start = *time;
  } else {
    root.problem("start", "must be a time in UTC, such as \"2026-01-05T22:00:00Z\"");
  }
}

void read_times(ScenarioTable& root, Scenario& scenario) {
  read_start(root, scenario);
  root.want("duration");
  root.read("duration", scenario.duration);
  root.read("sample_every", scenario.sample_every);
  root.read("watched", scenario.watched);
  if (scenario.watched > longest) {
    root.problem("watched", "must be at most " + format_duration(longest));
  }
  if (scenario.duration > longest) {
    root.problem("duration", "must be at most " + format_duration(longest));
  }
  if (scenario.sample_every < shortest_step) {
    root.problem("sample_every", "must be at least " + format_duration(shortest_step));
  }
  scenario.policy.sample_every = scenario.sample_every;
}

void check_work(ScenarioTable& root, const Scenario& scenario) {
  const auto steps = static_cast<std::size_t>(scenario.duration / scenario.sample_every);
  if (steps * (scenario.hosts.size() + scenario.containers.size()) > work_max) {
    root.problem("duration",
                 "too many samples in all: shorten it, or let fewer hosts and "
                 "containers take part");
  }
}

/// The section [orchestrator], as plimsoll.toml has it. Gives its problems.
std::string read_policy_section(std::string_view text, Scenario& scenario) {
  Settings settings{text, scenario.file};
  read_policy(settings, scenario.policy);
  check_policy(scenario.policy, settings);
  settings.refuse_unknown_in("orchestrator");
  return settings.problems();
}

Scenario read_document(const toml::table& document, const std::string& file,
                       ScenarioProblems& problems) {
  Scenario scenario;
  scenario.file = file;
  scenario.start = monday_noon;
  scenario.sample_every = std::chrono::seconds{5};
  ScenarioTable root{document, "", problems};
  root.want("story");
  root.read("story", scenario.story);
  read_times(root, scenario);
  std::size_t seed = scenario.seed;
  root.read("seed", seed, std::size_t{1} << 53U);
  scenario.seed = seed;
  root.read("telemetry_noise", scenario.telemetry_noise);
  root.read("move_cpu", scenario.move_cpu);
  root.skip("orchestrator");
  read_scenario_fleet(root, scenario);
  read_scenario_events(root, scenario);
  read_expectations(root, scenario);
  if (problems.empty()) check_work(root, scenario);
  root.refuse_unknown();
  return scenario;
}

bool matches(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t i = star; i <= name.size(); ++i) {
    if (matches(rest, name.substr(i))) return true;
  }
  return false;
}

template <class Names>
void want_matches(const Names& names, ScenarioTable& table, std::string_view key,
                  const NamePatterns& patterns) {
  for (const std::string& pattern : patterns) {
    const bool found = std::any_of(names.begin(), names.end(),
                                   [&](const std::string& name) { return matches(pattern, name); });
    if (!found) {
      table.problem(key, fmt::format("'{}' names nothing of the fleet{}", pattern,
                                     did_you_mean(pattern, names)));
    }
  }
}

std::vector<std::string> host_names(const Scenario& scenario) {
  std::vector<std::string> names;
  names.reserve(scenario.hosts.size());
  for (const ScenarioHost& host : scenario.hosts) names.push_back(host.state.name.str());
  return names;
}

std::vector<std::string> container_names(const Scenario& scenario) {
  std::vector<std::string> names;
  names.reserve(scenario.containers.size());
  for (const ScenarioContainer& each : scenario.containers) names.push_back(each.state.name.str());
  return names;
}

}  // namespace

bool name_matches(const NamePatterns& patterns, std::string_view name) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, name); });
}

void want_host(const Scenario& scenario, ScenarioTable& table, std::string_view key,
               const std::string& name) {
  const auto names = host_names(scenario);
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  table.problem(key, fmt::format("there is no host '{}'{}", name, did_you_mean(name, names)));
}

void want_hosts(const Scenario& scenario, ScenarioTable& table, std::string_view key,
                const NamePatterns& patterns) {
  want_matches(host_names(scenario), table, key, patterns);
}

void want_containers(const Scenario& scenario, ScenarioTable& table, std::string_view key,
                     const NamePatterns& patterns) {
  want_matches(container_names(scenario), table, key, patterns);
}

Result<Scenario> read_scenario(std::string_view text, const std::string& file) {
  if (text.size() > file_bytes_max) {
    return Error{Errc::too_large,
                 fmt::format("{}: larger than {}", printable(file), format_bytes(file_bytes_max))};
  }
  ScenarioProblems problems{file};
  const auto document = toml::parse(text, file);
  if (!document) {
    const auto& error = document.error();
    problems.add(error.source().begin.line, "", std::string{error.description()});
    return Error{Errc::invalid, problems.text()};
  }
  Scenario scenario = read_document(document.table(), file, problems);
  std::string wrong = problems.text();
  const std::string policy = read_policy_section(text, scenario);
  if (!policy.empty()) wrong += (wrong.empty() ? "" : "\n") + policy;
  if (!wrong.empty()) return Error{Errc::invalid, wrong};
  return scenario;
}

}  // namespace plimsoll
