// The acts from the start of the copy on, and those of the way back.
#include <algorithm>

#include "sim/sim_acts.h"

namespace plimsoll::move_sim {
namespace {

constexpr int looks_max = 12;

bool runs(const SimContainer& container) { return container.state == RunState::running; }

}  // namespace

SimActs::Failure SimActs::start_destination() {
  const auto before = look(record_->to);
  if (before.error) return before.error;
  Ms until = 0;
  if (rules_.lease.count() > 0) {
    until = before.clock_local + rules_.lease.count();
    auto arm = order(Ask::arm);
    arm.until_local = until;
    arm.boot = before.boot;
    const auto armed = world_.call(record_->to, arm);
    if (armed.error) return armed.error;
    if (armed.lease_until != until) return Errc::conflict;
  }
  for (int member = 0; member < world_.members; ++member) {
    if (const auto failed = copy(Ask::start, member, until, before.boot)) return failed;
  }
  const auto after = look(record_->to);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* copy = copy_in(after, member);
    if (copy == nullptr || !runs(*copy)) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::check_destination() {
  for (int looks = 0, good = 0; good < 2; ++looks) {
    if (looks == looks_max) return Errc::timeout;
    world_.advance(second);
    const auto seen = look(record_->to);
    if (seen.error) return seen.error;
    if (rules_.lease.count() > 0) {
      auto renew = order(Ask::renew);
      renew.lease = rules_.lease.count();
      renew.until_local = seen.clock_local + renew.lease;
      renew.boot = seen.boot;
      if (const auto failed = world_.call(record_->to, renew).error) return failed;
    }
    bool all_healthy = true;
    for (int member = 0; member < world_.members; ++member) {
      const auto* copy = copy_in(seen, member);
      if (copy == nullptr || !runs(*copy)) return Errc::refused;
      all_healthy = all_healthy && copy->healthy;
    }
    good = all_healthy ? good + 1 : 0;
  }
  // Somebody may have started the source meanwhile: then it is the one that goes on.
  const auto original = look(record_->from);
  for (int member = 0; member < world_.members; ++member) {
    const auto* source = source_in(original, member);
    if (source != nullptr && runs(*source)) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::finish_destination() {
  if (const auto failed = ask(record_->to, Ask::disarm).error) return failed;
  const auto before = look(record_->to);
  if (before.error) return before.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* there = copy_in(before, member);
    if (there == nullptr) return Errc::not_found;
    if (there->dies) world_.advance(grace);
    if (!runs(*there) || there->dies) {
      if (const auto failed = copy(Ask::start, member)) return failed;
    }
    if (const auto failed = copy(Ask::set_policy, member)) return failed;
    if (there->name == NameKind::final_name) continue;
    if (const auto failed = copy(Ask::rename, member)) return failed;
  }
  const auto after = look(record_->to);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* copy = copy_in(after, member);
    const bool fine = copy != nullptr && runs(*copy) && !copy->dies &&
                      copy->policy == world_.policy && copy->name == NameKind::final_name;
    if (!fine) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::redirect() {
  ask(record_->from, Ask::redirect);
  const auto seen = look(record_->from);
  if (seen.error) return seen.error;
  if (!seen.redirects) return Errc::io;
  return std::nullopt;
}

SimActs::Failure SimActs::retire_source() {
  const auto before = look(record_->from);
  if (before.error) return before.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(before, member);
    if (container == nullptr) continue;
    if (runs(*container)) {
      if (const auto failed = source(Ask::stop, member)) return failed;
    }
    const auto failed = source(Ask::rename, member, Policy::no, NameKind::retired);
    if (failed) return failed;
  }
  const auto after = look(record_->from);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(after, member);
    if (container == nullptr) continue;
    if (runs(*container) || container->name != NameKind::retired) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::clean() {
  const auto before = look(record_->from);
  if (before.error) return before.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(before, member);
    if (container == nullptr || container->name != NameKind::retired) continue;
    if (runs(*container)) return Errc::conflict;
    if (const auto failed = source(Ask::remove, member)) return failed;
  }
  for (const int host : {record_->from, record_->to}) {
    if (const auto failed = ask(host, Ask::clear).error) return failed;
  }
  const auto after = look(record_->from);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    if (source_in(after, member) != nullptr) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::stop_destination() {
  const auto before = look(record_->to);
  if (before.error) return before.error;
  for (int member = world_.members - 1; member >= 0; --member) {
    const auto* there = copy_in(before, member);
    if (there == nullptr || !runs(*there)) continue;
    if (const auto failed = copy(Ask::stop, member)) return failed;
  }
  const auto after = look(record_->to);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* there = copy_in(after, member);
    if (there != nullptr && runs(*there)) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::start_source_member(const SimAnswer& seen, int member) {
  const auto* container = source_in(seen, member);
  if (container == nullptr) {
    return replaced_in(seen, member) ? std::nullopt : std::optional{Errc::not_found};
  }
  const bool running = runs(*container);
  // An order to stop whose reply was lost may still be carried out, up to the end of the grace.
  const bool may_be_ending = running && record_->progress.reached == Act::stop_source;
  if (may_be_ending) {
    if (const auto failed = source(Ask::stop, member)) return failed;
  }
  if (running && !may_be_ending) return std::nullopt;
  return source(Ask::start, member);
}

SimActs::Failure SimActs::start_source() {
  const auto before = look(record_->from);
  if (before.error) return before.error;
  Failure gone;
  for (int member = 0; member < world_.members; ++member) {
    const auto failed = start_source_member(before, member);
    if (failed == Errc::not_found) gone = failed;
    if (failed && failed != Errc::not_found) return failed;
  }
  const auto after = look(record_->from);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(after, member);
    if (container != nullptr && !runs(*container)) return Errc::conflict;
  }
  return gone;
}

/// Whoever was removed meanwhile needs nothing back; who was not restarted after a reboot because
/// we had taken its policy away is started.
SimActs::Failure SimActs::unfence_source() {
  const auto before = look(record_->from);
  if (before.error) return before.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(before, member);
    if (container == nullptr) continue;
    const auto failed = source(Ask::set_policy, member, world_.policy);
    if (failed && failed != Errc::not_found) return failed;
    if (runs(*container) || world_.policy == Policy::no) continue;
    const auto silent = source(Ask::start, member);
    if (silent && silent != Errc::not_found) return silent;
  }
  const auto after = look(record_->from);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(after, member);
    if (container == nullptr) continue;
    const bool fine =
        container->policy == world_.policy && (runs(*container) || world_.policy == Policy::no);
    if (!fine) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::remove_destination() {
  const auto before = look(record_->to);
  if (before.error) return before.error;
  for (int member = 0; member < world_.members; ++member) {
    if (copy_in(before, member) == nullptr) continue;
    if (const auto failed = copy(Ask::remove, member)) return failed;
  }
  for (const Ask what : {Ask::disarm, Ask::clear}) {
    if (const auto failed = ask(record_->to, what).error) return failed;
  }
  const auto after = look(record_->to);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    if (copy_in(after, member) != nullptr) return Errc::conflict;
  }
  return std::nullopt;
}

}  // namespace plimsoll::move_sim
