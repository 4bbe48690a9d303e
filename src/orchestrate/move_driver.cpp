#include "orchestrate/move_driver.h"

#include <fmt/format.h>

#include "core/text.h"
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
  const auto add = [&](const char* what, const std::optional<Error>& error) {
    if (!error) return;
    text += fmt::format("{}{}{}", text.empty() ? "" : "; ", what, error->message);
  };
  add("", machine.failure());
  add("left over at the destination: ", machine.left_over());
  add("", machine.alarm());
  return text;
}

}  // namespace

MoveDriver::MoveDriver(MoveDriverParts parts, MoveRules rules)
    : parts_(std::move(parts)), hooks_(parts_.config.hooks), rules_(rules) {}

Task<Result<std::string>> MoveDriver::perform(Act act, MoveRecord* record) {
  if (act == Act::commit) co_return std::string{"from here on the copy is the one"};
  auto task = parts_.acts.perform(act, record);
  if (keeps_own_time(act)) {
    auto words = co_await std::move(task);
    co_return words;
  }
  std::string name{act_name(act)};
  auto words = co_await with_deadline(std::move(task), parts_.config.step_timeout, std::move(name));
  co_return words;
}

/// A hook may hold a move back while the source is the one; afterwards it can only be told.
Task<Result<std::string>> MoveDriver::act(Act act, MoveRecord* record) {
  const auto allowed = co_await hooks_.before(act, record);
  if (!allowed && act <= Act::commit) co_return allowed.error();
  if (!allowed) alarm(*record, allowed.error());
  auto words = co_await perform(act, record);
  if (!words) co_return words;
  const auto told = co_await hooks_.after(act, record);
  if (!told) alarm(*record, told.error());
  co_return words;
}

void MoveDriver::alarm(const MoveRecord& record, const Error& error) {
  log::error("move {} of '{}': {}", record.id.str(), record.container.str(), error.message);
}

Task<Result<void>> MoveDriver::step(Migration* machine, MoveRecord* record, Command command) {
  if (command.after.count() > 0) co_await sleep_for(command.after);
  StepRecord step;
  step.name = act_name(command.act);
  step.started = parts_.clock();
  record->progress = machine->progress();
  record->order = order_number(record->epoch, command);
  const auto intended = parts_.journal.begin_step(*record, step);
  if (!intended) co_return intended;
  if (parts_.observer != nullptr) parts_.observer->step_began(*record, step);
  const auto words = co_await act(command.act, record);
  step.finished = parts_.clock();
  step.failed = !words;
  step.detail = words ? *words : words.error().message;
  if (!words) {
    machine->on(Failed{words.error()});
  } else if (command.act == Act::precopy && !record->rounds.empty() &&
             another_round(record->rounds)) {
    machine->on(Again{});
  } else {
    machine->on(Done{});
  }
  record->progress = machine->progress();
  record->error = final_error(*machine);
  const auto recorded = parts_.journal.end_step(*record, step);
  if (!recorded) co_return recorded;
  record->steps.push_back(step);
  if (parts_.observer != nullptr) parts_.observer->step_ended(*record, step);
  co_return Result<void>{};
}

Task<Result<MoveRecord>> MoveDriver::drive(MoveRecord record, Take take) {
  Migration machine{rules_};
  if (take == Take::recovered) {
    record.rounds.clear();
    machine = Migration::recovered(record.progress, "the orchestrator was restarted in the middle",
                                   rules_);
  } else if (take == Take::tidying) {
    machine = Migration::tidying(record.progress, rules_);
  }
  while (const auto command = machine.next()) {
    const auto done = co_await step(&machine, &record, *command);
    if (!done) co_return done.error().in("move " + record.id.str() + " stands still");
  }
  record.progress = machine.progress();
  if (take != Take::tidying || machine.failure()) record.error = final_error(machine);
  if (is_final(record.progress.state) && !record.finished) record.finished = parts_.clock();
  const auto kept = parts_.journal.update(record);
  if (!kept) co_return kept.error();
  co_await tell_end(&record);
  co_return record;
}

Task<> MoveDriver::tell_end(const MoveRecord* record) {
  const auto state = record->progress.state;
  if (state == MoveState::quarantined) {
    log::error("move {} needs a person: {}", record->id.str(), record->error);
  }
  if (state != MoveState::rolled_back) co_return;
  const auto told = co_await hooks_.after_rollback(record);
  if (!told) alarm(*record, told.error());
}

std::string quarantine_help(const MoveRecord& record) {
  std::string text = fmt::format(
      "Plimsoll does not know which copy of '{}' should run, and touches "
      "neither.\n",
      printable(record.container.str()));
  for (const MoveMember& member : record.members) {
    text += fmt::format(
        "  1. look:          ssh {1} docker ps -a --filter name={0}\n"
        "                    ssh {2} docker ps -a --filter name={0}\n"
        // Nothing goes before what is to stay has shown that it is there.
        "  2. keep the old:  ssh {1} docker inspect {4} >/dev/null && ssh {2} docker rm -f {3} && "
        "ssh {1} docker start {4}\n"
        "     or the new:    ssh {2} docker inspect {3} >/dev/null && ssh {1} docker stop {4} && "
        "ssh {2} docker start {3}\n",
        member.container.str(), record.from.str(), record.to.str(),
        member.copy_id.empty() ? record.temporary_name(member) : member.copy_id.substr(0, 12),
        member.source_id.substr(0, 12));
  }
  return text;
}

}  // namespace plimsoll
