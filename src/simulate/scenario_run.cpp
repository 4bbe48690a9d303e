#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "decide/decide.h"
#include "decide/drain.h"
#include "simulate/scenario_outcome.h"
#include "simulate/scenario_safety.h"
#include "simulate/world.h"

namespace plimsoll {
namespace {

constexpr std::size_t reasons_max = 2'000;
constexpr std::size_t failures_max = 50;

/// Gathers reasons that are given again and again.
class Reasons {
 public:
  explicit Reasons(ScenarioOutcome& outcome) : outcome_(outcome) {}

  void note(const std::optional<HostId>& host, const std::optional<ContainerName>& container,
            Rule rule, const std::string& detail, Duration time) {
    const Key key{host.value_or(HostId{}), container.value_or(ContainerName{}), rule};
    const auto found = known_.find(key);
    if (found != known_.end()) {
      ScenarioReason& reason = outcome_.reasons[found->second];
      reason.last = time;
      ++reason.times;
    } else if (outcome_.reasons.size() == reasons_max) {
      ++outcome_.reasons_more;
    } else {
      known_.emplace(key, outcome_.reasons.size());
      outcome_.reasons.push_back({host, container, rule, time, time, 1, detail});
    }
  }

 private:
  using Key = std::tuple<HostId, ContainerName, Rule>;
  ScenarioOutcome& outcome_;
  std::map<Key, std::size_t> known_;
};

class Run {
 public:
  explicit Run(const Scenario& scenario)
      : scenario_(scenario), world_(scenario), judge_(scenario), reasons_(outcome_) {
    outcome_.file = scenario.file;
    outcome_.story = scenario.story;
    outcome_.duration = scenario.duration;
    for (const ScenarioHost& host : scenario.hosts) {
      outcome_.hosts.push_back({host.state.name.str(), {}, {}});
    }
  }

  ScenarioOutcome run() {
    Duration next{0};
    for (Duration time{0}; time <= scenario_.duration; time += scenario_.sample_every) {
      world_.live_until(scenario_.start + time);
      check_started(time);
      log_levels(time);
      if (time < next) continue;
      next = time + scenario_.policy.evaluate_every;
      evaluate(time);
    }
    conclude();
    return std::move(outcome_);
  }

 private:
  void log_levels(Duration time) {
    for (std::size_t i = 0; i < outcome_.hosts.size(); ++i) {
      outcome_.hosts[i].levels.push_back({time, world_.level_of_host(i)});
    }
  }

  void evaluate(Duration time) {
    const TimePoint now = scenario_.start + time;
    for (std::size_t host = 0; host < scenario_.hosts.size(); ++host) {
      if (!world_.take_emptying(host)) continue;
      const HostId& name = scenario_.hosts[host].state.name;
      carry_out(plan_drain(world_.seen(), scenario_.policy, now, name), World::Turns::among_all,
                time);
    }
    carry_out(decide(world_.seen(), scenario_.policy, now), World::Turns::within_units, time);
    ++outcome_.evaluations;
  }

  void carry_out(const Plan& plan, World::Turns turns, Duration time) {
    judge_.note(plan, time);
    for (const Rejection& rejection : plan.rejected) {
      reasons_.note(rejection.host, rejection.container, rejection.rule, rejection.detail, time);
    }
    std::vector<Move> begun;
    for (const Move& move : plan.moves) {
      if (move.ask) {
        ask(move, time);
      } else {
        outcome_.moves.push_back(noted(move, time));
        positions_.push_back(outcome_.moves.size() - 1);
        begun.push_back(move);
      }
    }
    world_.order(begun, turns);
    check_started(time);
  }

  static ScenarioMove noted(const Move& move, Duration time) {
    ScenarioMove noted;
    noted.container = move.container;
    noted.from = move.from;
    noted.to = move.to;
    noted.reason = move.reason;
    noted.predicted = move.predicted;
    noted.began = time;
    noted.asked = move.ask;
    return noted;
  }

  /// A plan that waits already is not made again.
  void ask(const Move& move, Duration time) {
    if (asked_.insert({move.container, move.from}).second) {
      outcome_.moves.push_back(noted(move, time));
    }
  }

  void check_started(Duration time) {
    const auto started = world_.take_started();
    if (started.empty()) return;
    std::vector<Move> under_way;
    for (const WorldMove& move : world_.moves()) {
      if (move.started && !move.over) under_way.push_back(move.move);
    }
    for (const std::size_t which : started) {
      outcome_.moves[positions_[which]].began = time;
      for (std::string& broken : unsafe(world_.moves()[which].move, world_.seen(), under_way,
                                        scenario_.policy, scenario_.start + time)) {
        fail(std::move(broken));
      }
    }
  }

  void fail(std::string broken) {
    if (outcome_.failures.size() == failures_max) return;
    outcome_.failures.push_back({0, "only moves that are safe", std::move(broken)});
  }

  void conclude() {
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      const WorldMove& ended = world_.moves()[i];
      if (!ended.over) continue;
      ScenarioMove& move = outcome_.moves[positions_[i]];
      move.ended = ended.ends - scenario_.start;
      move.succeeded = ended.succeeded;
    }
    for (std::size_t i = 0; i < scenario_.containers.size(); ++i) {
      outcome_.hosts[world_.place_of(i)].at_end.push_back(scenario_.containers[i].state.name.str());
    }
    for (ScenarioHostLog& host : outcome_.hosts) std::sort(host.at_end.begin(), host.at_end.end());
    for (ScenarioFailure& failure : judge_.failures(outcome_)) {
      outcome_.failures.push_back(std::move(failure));
    }
  }

  const Scenario& scenario_;
  World world_;
  ScenarioJudge judge_;
  ScenarioOutcome outcome_;
  Reasons reasons_;
  std::set<std::pair<ContainerName, HostId>> asked_;
  std::vector<std::size_t> positions_;  // of World::moves() in ScenarioOutcome::moves
};

}  // namespace

ScenarioOutcome run_scenario(const Scenario& scenario) { return Run{scenario}.run(); }

}  // namespace plimsoll
