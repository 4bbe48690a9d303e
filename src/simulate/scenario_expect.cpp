#include <algorithm>
#include <utility>

#include "core/suggest.h"
#include "decide/plan.h"
#include "simulate/scenario_parts.h"

namespace plimsoll {
namespace {

class Expected {
 public:
  explicit Expected(Scenario& scenario) : scenario_(scenario), expect_(scenario.expect) {}

  void read(ScenarioTable& table) {
    expect_.line = table.line();
    read_whole(table);
    for (ScenarioTable& each : table.tables("move", scenario_tables_max)) read_move(each);
    for (ScenarioTable& each : table.tables("rejected", scenario_tables_max)) read_rejected(each);
    for (ScenarioTable& each : table.tables("level", scenario_tables_max)) read_level(each);
    if (auto ends = table.table("ends")) read_ends(*ends);
    table.refuse_unknown();
  }

 private:
  void read_whole(ScenarioTable& table) {
    table.read("moves", expect_.moves);
    expect_.moves_line = table.line("moves");
    containers(table, "never_move", expect_.never_move);
    expect_.never_move_line = table.line("never_move");
    NamePatterns together;
    containers(table, "together", together);
    if (table.has("together")) expect_.together.push_back(std::move(together));
    expect_.together_line = table.line("together");
    table.read("moves_of_one", expect_.moves_of_one);
    expect_.moves_of_one_line = table.line("moves_of_one");
    table.read("calm_after", expect_.calm_after);
    expect_.calm_after_line = table.line("calm_after");
  }

  void read_frame(ScenarioTable& table, TimeFrame& when) {
    table.read("after", when.after);
    table.read("by", when.by);
    if (when.after > when.by) table.problem("by", "must not be before after");
    if (when.after > scenario_.duration) {
      table.problem("after", "the story is over by then");
    }
  }

  void hosts(ScenarioTable& table, const char* key, NamePatterns& out) {
    table.read(key, out);
    want_hosts(scenario_, table, key, out);
  }

  void containers(ScenarioTable& table, const char* key, NamePatterns& out) {
    table.read(key, out);
    want_containers(scenario_, table, key, out);
  }

  void read_move(ScenarioTable& table) {
    ExpectedMoves moves;
    moves.line = table.line();
    containers(table, "container", moves.containers);
    hosts(table, "from", moves.from);
    hosts(table, "to", moves.to);
    hosts(table, "not_to", moves.not_to);
    read_frame(table, moves.when);
    table.read("count", moves.count);
    table.read("reason", moves.reason);
    table.read("asked", moves.asked);
    table.refuse_unknown();
    expect_.each_move.push_back(std::move(moves));
  }

  void read_rejected(ScenarioTable& table) {
    ExpectedRejection rejected;
    rejected.line = table.line();
    containers(table, "container", rejected.containers);
    rejected.of_container = table.has("container");
    hosts(table, "host", rejected.hosts);
    table.want("rule");
    table.read("rule", rejected.rule);
    const auto rules = rule_names();
    if (std::find(rules.begin(), rules.end(), rejected.rule) == rules.end()) {
      table.problem("rule", "there is no such rule" + did_you_mean(rejected.rule, rules));
    }
    read_frame(table, rejected.when);
    table.read("count", rejected.count);
    table.read("detail", rejected.detail);
    table.refuse_unknown();
    expect_.rejections.push_back(std::move(rejected));
  }

  void read_level(ScenarioTable& table) {
    ExpectedLevel level;
    level.line = table.line();
    hosts(table, "host", level.hosts);
    table.read("below_from", level.below_from);
    table.read("above_from", level.above_from);
    if (!level.below_from && !level.above_from) {
      table.problem("", "says neither below_from nor above_from");
    }
    for (const auto& from : {level.below_from, level.above_from}) {
      if (from && *from >= scenario_.duration) table.problem("", "the story is over by then");
    }
    table.refuse_unknown();
    expect_.levels.push_back(std::move(level));
  }

  void read_ends(ScenarioTable& table) {
    for (const std::string& name : table.keys()) {
      ExpectedPlace place;
      place.line = table.line(name);
      place.container = name;
      want_containers(scenario_, table, name, {name});
      hosts(table, name.c_str(), place.hosts);
      expect_.places.push_back(std::move(place));
    }
  }

  Scenario& scenario_;
  Expectations& expect_;
};

}  // namespace

void read_expectations(ScenarioTable& root, Scenario& scenario) {
  root.want("expect");
  if (auto table = root.table("expect")) Expected{scenario}.read(*table);
}

}  // namespace plimsoll
