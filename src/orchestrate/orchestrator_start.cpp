// What of Orchestrator begins moves, those that have waited and those that were left under way, and
// looks after what they left behind.

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "move/retention.h"
#include "orchestrate/orchestrator.h"
#include "orchestrate/start_check.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

/// Too young a plan to be decided again.
constexpr Duration decided_just_now{15'000};
/// Between two looks at what is retired.
constexpr std::chrono::seconds tidy_pause{60};

/// Bytes that a retired source is thought to take: its own data, by what it was to take at the
/// destination, and not by the part of it that was foreseen to be sent.
Bytes kept_bytes(const MoveRecord& record) {
  const auto all = count(record.demand.storage);
  return Bytes{all - std::min(all, count(record.predicted.image_written))};
}

/// Whether Docker's data of both of its hosts was read.
bool is_known(const FleetSnapshot& fleet, const MoveRecord& record) {
  return std::ranges::all_of(fleet.hosts, [&](const HostState& host) {
    return host.detailed || (host.name != record.from && host.name != record.to);
  });
}

}  // namespace

Task<> Orchestrator::drive_in_background(MoveId id, Take take) {
  ++driving_;
  co_await drive_and_tell(std::move(id), take);
  --driving_;
  if (stopping_) wake_.cancel();
}

Task<> Orchestrator::drive_and_tell(MoveId id, Take take) {
  Result<MoveRecord> ended{Error{Errc::cancelled, ""}};
  if (take == Take::tidying) {
    co_await tidy_one(std::move(id));
    co_return;
  }
  if (take == Take::recovered) {
    const auto lock = parts_.journal.lock(id);
    auto record = parts_.journal.find(id);
    // Locked: its driver lives, in another process.
    if (!lock || !record || is_final(record->progress.state)) co_return;
    log::warning("move {} of '{}' was left in state {}: going on with it", id.str(),
                 record->container.str(), state_name(record->progress.state));
    const auto epoch = parts_.journal.next_epoch();
    if (!epoch) co_return;
    record->epoch = *epoch;
    ended = co_await drive(std::move(*record), Take::recovered);
  } else {
    const bool begins = co_await may_begin(id);
    if (!begins) {
      starting_.erase(id);
      co_return;
    }
    ended = co_await run_move(id);
  }
  if (!ended) {
    log::error("move {}: {}", id.str(), ended.error().message);
  } else if (is_success(ended->progress.state)) {
    log::info("moved '{}' from {} to {}: {} in {:.1f} s, stopped for {:.2f} s",
              ended->container.str(), ended->from.str(), ended->to.str(),
              format_bytes(count(ended->actual.bytes)), ended->actual.transfer_s,
              ended->actual.downtime_s);
  } else {
    log::error("move {} of '{}' ended as {}: {}", id.str(), ended->container.str(),
               state_name(ended->progress.state), ended->error);
  }
}

Task<> Orchestrator::recover() {
  const auto open = parts_.journal.open_moves();
  if (!open) {
    log::error("{}", open.error().message);
    co_return;
  }
  for (const MoveRecord& record : *open) {
    const auto state = record.progress.state;
    if (state == MoveState::planned || state == MoveState::approved) continue;
    asio::co_spawn(parts_.executor, drive_in_background(record.id, Take::recovered),
                   asio::detached);
  }
}

/// A move that has waited is decided again: the fleet it was planned for may be gone.
Task<bool> Orchestrator::may_begin(MoveId id) {
  const auto record = parts_.journal.find(id);
  if (!record) co_return false;
  if (record->progress.state != MoveState::approved) co_return true;
  if (parts_.clock() - record->created < decided_just_now) co_return true;
  auto checking = reason_not_to_begin(*record);
  const auto why = co_await std::move(checking);
  if (!why) {
    log::warning("move {}: cannot be looked at before it starts: {}", id.str(),
                 why.error().message);
    co_return false;
  }
  const auto after = parts_.journal.find(id);
  if (!after || after->progress.state != MoveState::approved) co_return false;
  if (why->empty()) co_return true;
  log::warning("move {} of '{}' is not begun: {}", id.str(), record->container.str(), *why);
  expire(*record, *why);
  co_return false;
}

Task<Result<std::string>> Orchestrator::reason_not_to_begin(MoveRecord record) {
  auto reading = co_await read();
  if (!reading) co_return reading.error();
  auto silence = silence_at_start(reading->fleet, parts_.policy, reading->at, record);
  if (silence) co_return std::move(*silence);
  ReadingList list;
  list.sources.insert(record.from);
  list.receivers.insert(record.to);
  const auto problems = co_await look_closer(&reading->fleet, std::move(list));
  for (const auto& problem : problems) log::warning("{}", problem);
  // What cannot be reached now is not superseded: the move itself says so, and goes back.
  if (!is_known(reading->fleet, record)) co_return std::string{};
  const auto open = parts_.journal.open_moves();
  if (!open) co_return open.error();
  const bool in_turn = !record.after.empty() ||
                       std::ranges::find(*open, record.id, &MoveRecord::after) != open->end();
  const Judgement judgement = in_turn ? Judgement::impossible_only : Judgement::as_planned;
  auto refusal =
      refusal_at_start(std::move(reading->fleet), parts_.policy, reading->at, record, judgement);
  co_return refusal.value_or("");
}

void Orchestrator::expire(const MoveRecord& record, const std::string& why) {
  auto superseded = record;
  superseded.progress.state = MoveState::superseded;
  superseded.finished = parts_.clock();
  superseded.error = why;
  const auto kept = parts_.journal.update(superseded);
  if (!kept) log::error("{}", kept.error().message);
}

void Orchestrator::start_approved() {
  const auto open = parts_.journal.open_moves();
  if (!open) {
    log::error("{}", open.error().message);
    return;
  }
  for (const MoveRecord& record : *open) {
    const auto state = record.progress.state;
    if (state != MoveState::planned && state != MoveState::approved) continue;
    if (parts_.clock() - record.created > plan_lives) {
      expire(record, state == MoveState::planned
                         ? "nobody approved it in time, and the load has changed since"
                         : "it was approved, but could not begin in time (the log says why), and "
                           "the load has changed since");
    } else if (state == MoveState::approved && parts_.config.mode != Mode::observe &&
               !starting_.contains(record.id) && has_its_turn(record)) {
      starting_.insert(record.id);
      asio::co_spawn(parts_.executor, drive_in_background(record.id, Take::fresh), asio::detached);
    }
  }
}

/// Whether the move that it comes after has ended well; one that has not takes it along.
bool Orchestrator::has_its_turn(const MoveRecord& record) {
  if (record.after.empty()) return true;
  const auto first = parts_.journal.find(record.after);
  if (!first || !is_final(first->progress.state)) return false;
  if (is_success(first->progress.state)) return true;
  expire(record, fmt::format("move {}, which had to come first, ended as {}", first->id.str(),
                             state_name(first->progress.state)));
  return false;
}

void Orchestrator::tidy() {
  const auto now = std::chrono::steady_clock::now();
  if (now < tidy_again_) return;
  tidy_again_ = now + tidy_pause;
  const auto retired = parts_.journal.retired();
  const auto open = parts_.journal.open_moves();
  if (!retired || !open) return;
  std::vector<RetiredSource> kept;
  for (const MoveRecord& record : *retired) {
    RetiredSource source{record.id, record.from, record.finished.value_or(record.created),
                         kept_bytes(record), false};
    source.held = std::ranges::any_of(
        *open, [&](const MoveRecord& other) { return other.undoes == record.id; });
    kept.push_back(std::move(source));
  }
  const RetentionRules rules{parts_.config.retention, parts_.config.retention_bytes};
  for (const MoveId& id : to_clean(std::move(kept), rules, parts_.clock())) {
    asio::co_spawn(parts_.executor, drive_in_background(id, Take::tidying), asio::detached);
  }
}

Task<> Orchestrator::tidy_one(MoveId id) {
  const auto lock = parts_.journal.lock(id);
  auto record = parts_.journal.find(id);
  const auto epoch = parts_.journal.next_epoch();
  if (!lock || !record || !epoch) co_return;
  record->epoch = *epoch;
  const auto ended = co_await drive(std::move(*record), Take::tidying);
  if (!ended) {
    log::warning("move {}: {}", id.str(), ended.error().message);
  } else if (ended->progress.state == MoveState::cleaned) {
    log::info("move {}: what was retired on {} is removed", id.str(), ended->from.str());
  } else if (!ended->error.empty()) {
    log::warning("move {}: what was retired on {} stays for now: {}", id.str(), ended->from.str(),
                 ended->error);
  }
}

}  // namespace plimsoll
