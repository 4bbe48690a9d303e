#include "orchestrate/move_driver.h"

#include <fmt/format.h>

#include "runtime/deadline.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

/// Acts that send data end by their own stall time-out, however long they take; those that stop a
/// container by its own grace, and a health check by its own settings.
bool keeps_own_time(Act act) {
  return act == Act::stage_image || act == Act::precopy || act == Act::final_sync ||
         act == Act::stop_source || act == Act::start_source || act == Act::check_destination;
}

std::string final_error(const Migration& machine) {
  std::string text;
  if (const auto& failure = machine.failure()) text = failure->message;
  if (const auto& left_over = machine.left_over()) {
    text += fmt::format("{}left over at the destination: {}", text.empty() ? "" : "; ",
                        left_over->message);
  }
  return text;
}

}  // namespace

MoveDriver::MoveDriver(Journal& journal, MoveActs& acts, MoveObserver* observer, WallClock clock,
                       OrchestratorConfig config, MoveRules rules)
    : journal_(journal),
      acts_(acts),
      observer_(observer),
      clock_(std::move(clock)),
      config_(std::move(config)),
      rules_(rules) {}

Task<Result<std::string>> MoveDriver::act(Act act, MoveRecord* record) {
  if (act == Act::commit) co_return std::string{"from here on the copy is the one"};
  auto task = acts_.perform(act, record);
  if (keeps_own_time(act)) {
    auto words = co_await std::move(task);
    co_return words;
  }
  std::string name{act_name(act)};
  auto words = co_await with_deadline(std::move(task), config_.step_timeout, std::move(name));
  co_return words;
}

Task<Result<void>> MoveDriver::step(Migration* machine, MoveRecord* record, Command command) {
  if (command.after.count() > 0) co_await sleep_for(command.after);
  StepRecord step;
  step.name = act_name(command.act);
  step.started = clock_();
  record->progress = machine->progress();
  const auto intended = journal_.begin_step(*record, step);
  if (!intended) co_return intended;
  if (observer_ != nullptr) observer_->step_began(*record, step);
  const auto words = co_await act(command.act, record);
  step.finished = clock_();
  step.failed = !words;
  step.detail = words ? *words : words.error().message;
  if (words) {
    machine->on(Done{});
  } else {
    machine->on(Failed{words.error()});
  }
  record->progress = machine->progress();
  record->error = final_error(*machine);
  const auto recorded = journal_.end_step(*record, step);
  if (!recorded) co_return recorded;
  record->steps.push_back(step);
  if (observer_ != nullptr) observer_->step_ended(*record, step);
  co_return Result<void>{};
}

Task<Result<MoveRecord>> MoveDriver::drive(MoveRecord record, bool recovered) {
  auto machine = recovered
                     ? Migration::recovered(record.progress,
                                            "the orchestrator was restarted in the middle", rules_)
                     : Migration{rules_};
  while (const auto command = machine.next()) {
    const auto done = co_await step(&machine, &record, *command);
    if (!done) co_return done.error().in("move " + record.id.str() + " stands still");
  }
  record.progress = machine.progress();
  record.error = final_error(machine);
  if (is_final(record.progress.state)) record.finished = clock_();
  const auto kept = journal_.update(record);
  if (!kept) co_return kept.error();
  if (record.progress.state == MoveState::quarantined) {
    log::error("move {} needs a person: {}", record.id.str(), record.error);
  }
  co_return record;
}

std::string quarantine_help(const MoveRecord& record) {
  return fmt::format(
      "Plimsoll does not know which copy of '{0}' should run, and touches neither.\n"
      "  1. look:          ssh {1} docker ps -a --filter name={0}\n"
      "                    ssh {2} docker ps -a --filter name={0}\n"
      "  2. keep the old:  ssh {2} docker rm -f {3}; ssh {1} docker start {4}\n"
      "     or the new:    ssh {1} docker stop {4}; ssh {2} docker start {3}\n",
      record.container.str(), record.from.str(), record.to.str(),
      record.copy_id.empty() ? record.temporary_name() : record.copy_id.substr(0, 12),
      record.source_id.substr(0, 12));
}

}  // namespace plimsoll
