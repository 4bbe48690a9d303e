#include <algorithm>
#include <utility>

#include "core/suggest.h"
#include "simulate/scenario_parts.h"

namespace plimsoll {
namespace {

const std::pair<const char*, EventKind> kinds[] = {
    {"lost", EventKind::lost},
    {"silent", EventKind::silent},
    {"stale", EventKind::stale},
    {"back", EventKind::back},
    {"arrives", EventKind::arrives},
    {"drained", EventKind::drained},
    {"drain", EventKind::drain},
    {"undrained", EventKind::undrained},
    {"unreadable", EventKind::unreadable},
    {"readable", EventKind::readable},
    {"refuses", EventKind::refuses},
    {"accepts", EventKind::accepts},
    {"link", EventKind::link},
};

void read_kind(ScenarioTable& table, EventKind& out) {
  std::string word;
  table.want("what");
  table.read("what", word);
  std::vector<std::string> known;
  for (const auto& [name, kind] : kinds) {
    known.emplace_back(name);
    if (word != name) continue;
    out = kind;
    return;
  }
  if (!table.has("what")) return;
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  table.problem("what", "must be one of: " + all + did_you_mean(word, known));
}

void read_way(const Scenario& scenario, ScenarioTable& table, ScenarioEvent& event) {
  Bytes rate{};
  table.want("to");
  table.want("rate");
  table.read("to", event.to);
  table.read("rate", rate);
  event.bytes_per_s = as_double(rate);
  want_host(scenario, table, "to", event.to);
}

void note_arrival(Scenario& scenario, ScenarioTable& table, const std::string& name) {
  for (ScenarioHost& host : scenario.hosts) {
    if (host.state.name.str() == name) host.there = false;
  }
  for (const ScenarioContainer& container : scenario.containers) {
    if (container.host != name) continue;
    table.problem("host", "a host that arrives comes empty, but containers stand on it");
    return;
  }
}

void read_event(ScenarioTable& table, Scenario& scenario) {
  ScenarioEvent event;
  std::vector<std::string> hosts;
  table.want("at");
  table.read("at", event.at);
  read_kind(table, event.kind);
  table.want("host");
  table.read("host", hosts);
  if (event.kind == EventKind::link) read_way(scenario, table, event);
  table.refuse_unknown();
  want_hosts(scenario, table, "host", hosts);
  for (const ScenarioHost& host : scenario.hosts) {
    event.host = host.state.name.str();
    if (hosts.empty() || !name_matches(hosts, event.host)) continue;
    scenario.events.push_back(event);
    if (event.kind == EventKind::arrives) note_arrival(scenario, table, event.host);
  }
}

}  // namespace

void read_scenario_events(ScenarioTable& root, Scenario& scenario) {
  for (ScenarioTable& table : root.tables("event", scenario_tables_max)) {
    read_event(table, scenario);
  }
  std::stable_sort(scenario.events.begin(), scenario.events.end(),
                   [](const ScenarioEvent& a, const ScenarioEvent& b) { return a.at < b.at; });
}

}  // namespace plimsoll
