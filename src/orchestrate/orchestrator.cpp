#include "orchestrate/orchestrator.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "decide/drain.h"
#include "decide/explain.h"
#include "decide/rebalance.h"
#include "decide/render.h"
#include "fleet/fleet_view.h"
#include "orchestrate/progress.h"
#include "orchestrate/proposal.h"
#include "orchestrate/workload_move.h"
#include "runtime/deadline.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

/// Hosts that are looked at as destinations of a drain: a whole host has to go somewhere.
constexpr std::size_t drain_receivers_max = 32;
/// Tells the caller's observer, or the log where there is none; and whoever reads the journal how
/// far a transfer is.
class LoggingObserver : public MoveObserver {
 public:
  LoggingObserver(MoveObserver* next, Journal& journal) : next_(next), journal_(journal) {}
  void step_began(const MoveRecord& record, const StepRecord& step) override {
    began_ = noted_ = Steady::now();
    if (next_ != nullptr) next_->step_began(record, step);
  }
  void step_ended(const MoveRecord& record, const StepRecord& step) override {
    if (next_ != nullptr) {
      next_->step_ended(record, step);
    } else {
      log::info("move {}: {}: {}{}", record.id.str(), step.name, step.failed ? "FAILED: " : "",
                step.detail);
    }
  }
  void transferred(const MoveRecord& record, Act act, Bytes bytes) override {
    if (next_ != nullptr) next_->transferred(record, act, bytes);
    const auto now = Steady::now();
    if (now - noted_ < between_notes) return;
    noted_ = now;
    const auto text = progress_text(bytes, expected_bytes(record, act),
                                    std::chrono::duration_cast<Duration>(now - began_));
    const auto noted = journal_.note_progress(record.id, text);
    if (!noted) log::warning("move {}: {}", record.id.str(), noted.error().message);
  }

 private:
  using Steady = std::chrono::steady_clock;
  static constexpr std::chrono::seconds between_notes{1};
  MoveObserver* next_;
  Journal& journal_;
  Steady::time_point began_;
  Steady::time_point noted_;
};

const Host* find(const HostList& hosts, const HostId& name) {
  const auto found = std::ranges::find(hosts, name, &Host::name);
  return found == hosts.end() ? nullptr : &*found;
}

/// Moves of one unit together, the others each for itself.
std::vector<std::vector<Move>> by_unit(const std::vector<Move>& moves) {
  std::vector<std::vector<Move>> groups;
  for (const Move& move : moves) {
    const auto same = std::ranges::find_if(groups, [&](const std::vector<Move>& group) {
      return !move.unit.empty() && group.front().unit == move.unit;
    });
    if (same == groups.end()) {
      groups.push_back({move});
    } else {
      same->push_back(move);
    }
  }
  return groups;
}

bool any_hot(const std::vector<HostAssessment>& hosts) {
  return std::ranges::any_of(hosts, &HostAssessment::hot);
}

std::set<HostId> hot_ones(const std::vector<HostAssessment>& hosts) {
  std::set<HostId> hot;
  for (const HostAssessment& host : hosts) {
    if (host.hot) hot.insert(host.host);
  }
  return hot;
}

}  // namespace

Orchestrator::Orchestrator(OrchestratorParts parts)
    : parts_(std::move(parts)),
      reader_(parts_.executor, parts_.ssh, parts_.agents),
      wake_(parts_.executor) {}

Task<Result<Orchestrator::Reading>> Orchestrator::read() {
  const auto now = parts_.clock();
  const auto hosts = parts_.hosts();
  auto fleet = co_await read_fleet(parts_.store, hosts, parts_.policy, now, &memory_);
  if (!fleet) co_return fleet.error();
  fleet->utc_offset = local_utc_offset(now);
  const Duration back = std::max(memory_needed(parts_.policy), learning_needed(parts_.policy));
  const auto added = add_moves(*fleet, parts_.journal, now - back);
  if (!added) co_return added.error();
  const auto drained = parts_.journal.drained();
  if (!drained) co_return drained.error();
  for (HostState& host : fleet->hosts) host.drained = drained->contains(host.name);
  carry_histories(memory_.histories, &*fleet);
  Reading reading;
  reading.at = now;
  reading.hosts = assess(*fleet, parts_.policy, now);
  reading.fleet = std::move(*fleet);
  co_return reading;
}

/// With the hosts that give already: what is on its way from there counts where it goes.
Task<std::vector<std::string>> Orchestrator::look_closer(FleetSnapshot* fleet, ReadingList list) {
  for (const MoveUnderWay& move : fleet->under_way) list.receivers.insert(move.from);
  auto problems = co_await reader_.read_details(fleet, parts_.hosts(), parts_.policy,
                                                std::move(list.sources), std::move(list.receivers));
  const auto forgotten = forget_forwards(*fleet, parts_.journal);
  if (!forgotten) problems.push_back(forgotten.error().message);
  co_return problems;
}

Task<Result<PlanReport>> Orchestrator::decide_on(Reading reading) {
  PlanReport report;
  const auto giver = rebalance_giver(reading.fleet, reading.hosts, parts_.policy);
  if (any_hot(reading.hosts) || giver) {
    auto list = reading_list(reading.hosts);
    if (giver) list.sources.insert(*giver);
    report.problems = co_await look_closer(&reading.fleet, std::move(list));
  }
  report.plan = decide(reading.fleet, parts_.policy, reading.at);
  co_return report;
}

Task<Result<PlanReport>> Orchestrator::plan() {
  auto reading = co_await read();
  if (!reading) co_return reading.error();
  auto report = co_await decide_on(std::move(*reading));
  co_return report;
}

Task<Result<PlanReport>> Orchestrator::plan_by_hand(ManualMove wanted) {
  auto reading = co_await read();
  if (!reading) co_return reading.error();
  auto list = reading_list(reading->hosts);
  if (wanted.to) list.receivers = {*wanted.to};
  list.sources = {wanted.from};
  PlanReport report;
  report.problems = co_await look_closer(&reading->fleet, std::move(list));
  report.plan = explain_manual(reading->fleet, parts_.policy, reading->at, wanted);
  co_return report;
}

Task<Result<PlanReport>> Orchestrator::plan_drain(HostId host) {
  auto reading = co_await read();
  if (!reading) co_return reading.error();
  auto list = reading_list(reading->hosts, drain_receivers_max);
  list.receivers.erase(host);
  list.sources = {host};
  PlanReport report;
  report.problems = co_await look_closer(&reading->fleet, std::move(list));
  report.plan = plimsoll::plan_drain(reading->fleet, parts_.policy, reading->at, host);
  co_return report;
}

Task<Result<std::string>> Orchestrator::explain(std::string name) {
  auto reading = co_await read();
  if (!reading) co_return reading.error();
  auto list = reading_list(reading->hosts);
  for (const HostState& host : reading->fleet.hosts) {
    const bool has = std::ranges::any_of(
        host.containers, [&](const ContainerState& each) { return each.name.str() == name; });
    if (has || host.name.str() == name) list.sources.insert(host.name);
  }
  const auto problems = co_await look_closer(&reading->fleet, std::move(list));
  auto text = plimsoll::explain(reading->fleet, parts_.policy, reading->at, name);
  if (!text) co_return text.error();
  std::string all;
  for (const auto& problem : problems) all += fmt::format("not looked at: {}\n", problem);
  co_return all + *text;
}

Result<std::vector<MoveRecord>> Orchestrator::propose(const std::vector<Move>& moves,
                                                      MoveState state) {
  auto records = records_of(moves, {parts_.clock(), parts_.config.strategy, state});
  for (const MoveRecord& record : records) {
    if (const auto added = parts_.journal.add(record); !added) return added.error();
  }
  return records;
}

Result<MoveRecord> Orchestrator::propose_undo(const MoveId& id) {
  const auto record = parts_.journal.find(id);
  if (!record) return record.error();
  const ProposalTerms terms{parts_.clock(), parts_.config.strategy, MoveState::planned};
  auto undo = undo_of(*record, terms);
  if (!undo) return undo.error();
  if (const auto added = parts_.journal.add(*undo); !added) return added.error();
  return undo;
}

MoveRules Orchestrator::rules_of(const MoveRecord& record) const {
  MoveRules rules;
  rules.strategy = record.strategy;
  rules.lease = parts_.config.lease;
  // A renewal whose reply was lost may have counted from later than we know: by one lease at most.
  rules.lease_margin += parts_.config.lease;
  rules.may_resume = parts_.clock() - record.created < plan_lives;
  return rules;
}

Task<Result<MoveRecord>> Orchestrator::drive(MoveRecord record, Take take) {
  const auto hosts = parts_.hosts();
  const Host* from = find(hosts, record.from);
  const Host* to = find(hosts, record.to);
  if (from == nullptr || to == nullptr) {
    co_return Error{Errc::not_found,
                    fmt::format("move {}: host '{}' is not in host.csv any more", record.id.str(),
                                from == nullptr ? record.from.str() : record.to.str())};
  }
  LoggingObserver observer{parts_.observer, parts_.journal};
  TransferProgress progress = [&observer](const MoveRecord& move, Act act, Bytes bytes) {
    observer.transferred(move, act, bytes);
  };
  const auto owner = parts_.journal.owner();
  if (!owner) co_return owner.error();
  WorkloadTerms terms{parts_.config, parts_.policy, *owner};
  WorkloadMove acts{parts_.executor, *from, *to, parts_.ssh, std::move(terms), std::move(progress)};
  MoveDriverParts with{parts_.journal, acts, &observer, parts_.clock, parts_.config};
  const auto rules = rules_of(record);
  MoveDriver driver{std::move(with), rules};
  auto ended = co_await driver.drive(std::move(record), take);
  if (ended && !ended->undoes.empty() && is_success(ended->progress.state)) use_up(*ended);
  co_return ended;
}

/// What an undo adopted is nobody's retired source any more.
void Orchestrator::use_up(const MoveRecord& undo) {
  auto undone = parts_.journal.find(undo.undoes);
  if (!undone || undone->progress.state != MoveState::source_retired) return;
  undone->progress.state = MoveState::cleaned;
  undone->error = "undone by move " + undo.id.str();
  const auto kept = parts_.journal.update(*undone);
  if (!kept) log::error("{}", kept.error().message);
}

Task<Result<MoveRecord>> Orchestrator::run_move(MoveId id) {
  const auto lock = parts_.journal.lock(id);
  if (!lock) co_return lock.error();
  if (epoch_ == 0) {
    const auto epoch = parts_.journal.next_epoch();
    if (!epoch) co_return epoch.error();
    epoch_ = *epoch;
  }
  starting_.erase(id);
  const MoveLimits limits{parts_.policy.moves_per_host, parts_.policy.moves_in_fleet};
  const auto reserved = parts_.journal.reserve(id, limits, epoch_);
  if (!reserved) co_return reserved.error();
  auto record = parts_.journal.find(id);
  if (!record) co_return record.error();
  auto ended = co_await drive(std::move(*record), Take::fresh);
  co_return ended;
}

void Orchestrator::say_changes(const std::vector<HostAssessment>& hosts) {
  for (const HostAssessment& host : hosts) {
    const bool was = over_line_.contains(host.host);
    if (host.over_line && !was) {
      log::warning("{} is over its line: {:.2f}, line {:.2f}", host.host.str(),
                   host.scalar.value_or(0), host.line);
      over_line_.insert(host.host);
    } else if (!host.over_line && was && host.scalar) {
      log::info("{} is below its line again: {:.2f}, line {:.2f}", host.host.str(), *host.scalar,
                host.line);
      over_line_.erase(host.host);
    }
  }
}

bool Orchestrator::waits_already(const Move& move) {
  const auto open = parts_.journal.open_moves();
  return !open || std::ranges::any_of(*open, [&](const MoveRecord& record) {
    return record.from == move.from && has_member(record, move.container);
  });
}

bool Orchestrator::take_moves(const std::vector<Move>& moves) {
  if (parts_.config.mode == Mode::observe) {
    bool any_new = false;
    for (const Move& move : moves) {
      if (said_.insert(move.container.str() + move.from.str() + move.to.str()).second) {
        any_new = true;
        log::info("would move '{}' from {} to {}: {}", move.container.str(), move.from.str(),
                  move.to.str(), move.reason);
      }
    }
    return any_new;
  }
  if (std::ranges::any_of(moves, [&](const Move& move) { return waits_already(move); })) {
    return false;
  }
  const bool asks = parts_.config.mode == Mode::ask;
  const auto records = propose(moves, asks ? MoveState::planned : MoveState::approved);
  if (!records) {
    log::error("{}", records.error().message);
    return false;
  }
  for (const MoveRecord& record : *records) {
    log::info("plan {}: move '{}' from {} to {}: {}", record.id.str(), record.container.str(),
              record.from.str(), record.to.str(), record.reason);
    if (record.progress.state == MoveState::planned) {
      log::info("plan {} waits: plimsoll approve {}", record.id.str(), record.id.str());
    }
  }
  start_approved();
  return true;
}

bool Orchestrator::take(const PlanReport& report) {
  for (const auto& problem : report.problems) {
    if (said_.insert(problem).second) log::warning("{}", problem);
  }
  // What belongs together is begun together, or waits together.
  bool any_new = false;
  for (const auto& moves : by_unit(report.plan.moves)) any_new |= take_moves(moves);
  if (!report.plan.moves.empty() || !any_hot(report.plan.hosts)) return any_new;
  for (const Rejection& rejection : report.plan.rejected) {
    if (!rejection.host || rejection.container) continue;
    if (said_.insert(rejection.host->str() + std::string{rule_name(rejection.rule)}).second) {
      log::warning("{}: no move: {}", rejection.host->str(), rejection.detail);
    }
  }
  return any_new;
}

Task<> Orchestrator::cycle() {
  tidy();
  // A move's driver may be another process, and die at any time: whose lock is free has none.
  co_await recover();
  start_approved();
  auto reading = co_await read();
  if (!reading) {
    if (said_.insert(reading.error().message).second) log::warning("{}", reading.error().message);
    co_return;
  }
  say_changes(reading->hosts);
  if (!any_hot(reading->hosts) && !rebalance_giver(reading->fleet, reading->hosts, parts_.policy)) {
    said_.clear();
    pace_.none_is_hot();
    co_return;
  }
  auto hot = hot_ones(reading->hosts);
  if (pace_.rests(hot, std::chrono::steady_clock::now())) co_return;
  const auto report = co_await decide_on(std::move(*reading));
  if (!report) co_return;
  const bool any_new = take(*report);
  pace_.looked(std::move(hot), !any_new, std::chrono::steady_clock::now());
}

Task<> Orchestrator::run() {
  const auto epoch = parts_.journal.next_epoch();
  if (!epoch) {
    log::error("orchestrator: {}", epoch.error().message);
    co_return;
  }
  epoch_ = *epoch;
  running_ = true;
  while (!stopping_) {
    wake_.expires_after(parts_.policy.evaluate_every);
    co_await cycle();
    if (!stopping_) co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  running_ = false;
}

Task<> Orchestrator::stop() {
  stopping_ = true;
  wake_.cancel();
  if (driving_ > 0) {
    log::info(
        "waiting for {} move(s) under way; press Ctrl-C again to leave them to the next start",
        driving_);
  }
  while (driving_ > 0 || running_) {
    const bool slept = co_await sleep_for(Duration{50});
    if (!slept) co_return;
  }
}

}  // namespace plimsoll
