#include "sim/sim_driver.h"

namespace plimsoll::move_sim {
namespace {

/// A move that has not ended so many steps after the world was healed never will.
constexpr int steps_max = 2'000;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

SimRecord SimDriver::drive(SimRecord reserved) {
  steps_ = 0;
  heals_after_ = 5 + static_cast<int>(world_.draw(60));
  world_.move = reserved.move;
  world_.from = reserved.from;
  world_.to = reserved.to;
  world_.committed = false;
  reserved.epoch = ++epochs_;
  reserved.owner = owner_;
  reserved.progress = Migration{rules_}.progress();
  keep(reserved);
  bool ended = run(Migration{rules_}, disk_);
  while (!ended && steps_ < steps_max && world_.broken().empty()) {
    // Whoever watches over the journal finds a move without a driver.
    ended = recover();
  }
  if (!ended) world_.violation("a move does not end");
  return disk_;
}

bool SimDriver::recover() {
  world_.killed = false;
  const bool destroyed = std::exchange(world_.journal_destroyed, false);
  world_.advance(second + static_cast<Ms>(world_.draw(2 * minute)));
  heal_after_a_while();
  if (destroyed) read_labels();
  auto record = disk_;
  record.epoch = ++epochs_;
  return run(Migration::recovered(record.progress, "restarted", rules_of(record)), record);
}

MoveRules SimDriver::rules_of(const SimRecord& record) const {
  auto rules = rules_;
  rules.commit_unknown = record.commit_unknown;
  return rules;
}

/// Another orchestrator, with a journal of its own, takes the hosts over: I6.
void SimDriver::read_labels() {
  world_.labels_alone = true;
  SimRecord found;
  found.move = disk_.move;
  found.previous = disk_.previous;
  found.from = disk_.from;
  found.to = disk_.to;
  found.owner = ++owner_;
  found.epoch = epochs_ = 1;
  found.commit_unknown = true;
  SimActs acts{world_, rules_};
  while (!acts.read_labels(found) && steps_ < steps_max) {
    world_.killed = false;
    world_.advance(second);
    heal_after_a_while();
  }
  keep(found);
}

SimRecord SimDriver::tidy(SimRecord ended) {
  ended.epoch = ++epochs_;
  ended.owner = owner_;
  disk_ = ended;
  world_.move = ended.move;
  world_.from = ended.from;
  world_.to = ended.to;
  world_.committed = is_committed(ended.progress.state);
  static_cast<void>(run(Migration::tidying(ended.progress, rules_), ended));
  return disk_;
}

void SimDriver::heal_after_a_while() {
  if (++steps_ == heals_after_) world_.heal();
}

/// Whether the move has ended, and its end is on disk.
bool SimDriver::run(Migration machine, SimRecord record) {
  while (const auto command = machine.next()) {
    heal_after_a_while();
    if (steps_ >= steps_max || !world_.broken().empty()) return false;
    if (!step(machine, record, *command)) return false;
  }
  record.progress = machine.progress();
  return is_final(machine.state()) && write(record);
}

bool SimDriver::step(Migration& machine, SimRecord& record, const Command& command) {
  world_.advance(command.after.count());
  world_.hook(Hook::before_act, command.act);
  record.progress = machine.progress();
  if (!write(record)) return false;
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): names are literals
  world_.note(act_name(command.act).data(), static_cast<int>(machine.state()));
  SimActs acts{world_, rules_};
  if (command.act == Act::commit && world_.mutation() == Mutation::name_before_commit) {
    static_cast<void>(acts.perform({Act::finish_destination, Duration{0}, command.number}, record));
  }
  Outcome outcome = acts.perform(command, record);
  world_.hook(Hook::after_act, command.act);
  if (world_.killed) return false;
  if (const auto* failed = std::get_if<Failed>(&outcome)) {
    world_.note("failed", static_cast<int>(failed->error.code));
    const bool careless = world_.mutation() == Mutation::source_before_proof;
    if (careless && command.act == Act::stop_destination) outcome = Done{};
  }
  machine.on(outcome);
  record.progress = machine.progress();
  if (!write(record)) return false;
  world_.hook(Hook::after_record, command.act);
  return !world_.killed;
}

/// Whether the driver may believe that the record is on disk.
bool SimDriver::write(const SimRecord& record) {
  if (world_.killed || world_.now() < world_.journal_full_until) return false;
  const auto fault = std::exchange(world_.next_write, std::nullopt);
  if (fault == Fault::journal_write_lost) return false;
  keep(record);
  return fault != Fault::journal_write_kept;
}

void SimDriver::keep(const SimRecord& record) {
  disk_ = record;
  if (is_committed(record.progress.state) && !world_.committed) commit(record);
}

/// From here on the copy is the one: it must have everything that the source had.
void SimDriver::commit(const SimRecord& record) {
  world_.note("committed");
  for (int member = 0; member < world_.members; ++member) {
    auto& holder = world_.holders[at(member)];
    SimContainer* source = world_.host(record.from).find(holder.container);
    SimContainer* copy = world_.host(record.to).copy_of(record.move, member);
    if (copy == nullptr) {
      world_.violation("I2 committed without a copy");
      continue;
    }
    if (source != nullptr) {
      const Data must = world_.host(record.from).data_of(*source);
      const Data& has = world_.host(record.to).data_of(*copy);
      if (!contains(has, must)) world_.violation("I2 the copy lacks what the source had written");
    }
    holder = {record.to, copy->id};
  }
  world_.committed = true;
}

}  // namespace plimsoll::move_sim
