#include "sim/sim_acts.h"

#include <algorithm>

namespace plimsoll::move_sim {
namespace {

/// How long a workload may be down before the last sync is given up.
constexpr Ms downtime_max = 30 * second;

std::size_t at(int index) { return static_cast<std::size_t>(index); }
bool runs(const SimContainer& container) { return container.state == RunState::running; }

}  // namespace

Outcome SimActs::perform(const Command& command, SimRecord& record) {
  record_ = &record;
  number_ = order_number(record.epoch, command);
  again_ = false;
  if (const auto failed = carry_out(command.act)) return Failed{Error{*failed, ""}};
  if (again_) return Again{};
  return Done{};
}

bool SimActs::read_labels(SimRecord& record) {
  record_ = &record;
  number_ = order_number(record.epoch, Command{});
  const bool taken_over = look(record.from).ok() && look(record.to).ok();
  if (!taken_over) return false;
  world_.advance(grace);
  const auto here = look(record.from);
  const auto there = look(record.to);
  if (here.error || there.error) return false;
  std::vector<MemberSeen> members;
  for (int member = 0; member < world_.members; ++member) {
    const auto* copy = copy_in(there, member);
    const auto* own = own_in(here, member);
    // The copy's label names its source; a member without a copy was not touched yet.
    record.source[at(member)] = copy != nullptr ? copy->made_after : own != nullptr ? own->id : 0;
    const auto* source = source_in(here, member);
    MemberSeen& seen = members.emplace_back();
    seen.copy_exists = copy != nullptr;
    seen.copy_has_run = copy != nullptr && copy->period != 0;
    seen.copy_running = copy != nullptr && runs(*copy);
    seen.copy_has_final_name = copy != nullptr && copy->name == NameKind::final_name;
    seen.source_exists = source != nullptr;
    seen.source_running = source != nullptr && runs(*source);
    seen.source_policy_is_no = source != nullptr && source->policy == Policy::no;
    seen.source_retired = source != nullptr && source->name == NameKind::retired;
    if (source != nullptr) record.spec[at(member)] = source->spec;
  }
  record.progress = progress_from(members);
  return true;
}

SimActs::Failure SimActs::carry_out(Act act) {
  switch (act) {
    case Act::preflight:
      return preflight();
    case Act::stage_image:
      return stage_image();
    case Act::create_destination:
      return create_destination();
    case Act::precopy:
      return precopy();
    case Act::fence_source:
      return fence_source();
    case Act::stop_source:
      return stop_source();
    case Act::final_sync:
      return final_sync();
    case Act::start_destination:
      return start_destination();
    case Act::check_destination:
      return check_destination();
    case Act::commit:
      return std::nullopt;
    case Act::finish_destination:
      return finish_destination();
    case Act::redirect:
      return redirect();
    case Act::retire_source:
      return retire_source();
    case Act::clean:
      return clean();
    case Act::stop_destination:
      return stop_destination();
    case Act::start_source:
      return start_source();
    case Act::unfence_source:
      return unfence_source();
    case Act::remove_destination:
      return remove_destination();
  }
  return Errc::invalid;
}

SimOrder SimActs::order(Ask ask) const {
  SimOrder made;
  made.ask = ask;
  made.owner = record_->owner;
  made.take_over = record_->owner > 1;
  made.move = record_->move;
  made.number = number_;
  return made;
}

SimAnswer SimActs::ask(int host, Ask what) { return world_.call(host, order(what)); }

SimActs::Failure SimActs::source(Ask what, int member, Policy policy, NameKind name) {
  auto made = order(what);
  made.member = member;
  made.container = record_->source[at(member)];
  made.policy = policy;
  made.name = name;
  return world_.call(record_->from, made).error;
}

SimActs::Failure SimActs::copy(Ask what, int member, Ms until, int boot) {
  auto made = order(what);
  made.member = member;
  made.until_local = until;
  made.boot = boot;
  made.spec = record_->spec[at(member)];
  made.made_after = record_->source[at(member)];
  made.policy = world_.policy;
  return world_.call(record_->to, made).error;
}

const SimContainer* SimActs::source_in(const SimAnswer& seen, int member) const {
  const auto found =
      std::ranges::find(seen.containers, record_->source[at(member)], &SimContainer::id);
  return found == seen.containers.end() ? nullptr : &*found;
}

const SimContainer* SimActs::copy_in(const SimAnswer& seen, int member) const {
  const auto found = std::ranges::find_if(seen.containers, [&](const SimContainer& container) {
    return container.label == record_->move && container.member == member;
  });
  return found == seen.containers.end() ? nullptr : &*found;
}

const SimContainer* SimActs::own_in(const SimAnswer& seen, int member) const {
  const auto found = std::ranges::find_if(seen.containers, [&](const SimContainer& container) {
    return container.member == member && container.name == NameKind::final_name;
  });
  return found == seen.containers.end() ? nullptr : &*found;
}

/// A person put another container in the source's place: it is theirs.
bool SimActs::replaced_in(const SimAnswer& seen, int member) const {
  return std::ranges::any_of(seen.containers, [&](const SimContainer& container) {
    return container.member == member && container.foreign && runs(container);
  });
}

SimActs::Failure SimActs::preflight() {
  for (const int host : {record_->from, record_->to}) {
    // Whatever is still on its way of the move that made these containers comes too late from here.
    if (record_->previous == 0) break;
    auto closing = order(Ask::close_move);
    closing.move = record_->previous;
    if (const auto failed = world_.call(host, closing).error) return failed;
  }
  const auto here = look(record_->from);
  if (here.error) return here.error;
  if (const auto failed = take_up_sources(here)) return failed;
  const auto there = look(record_->to);
  if (there.error) return there.error;
  if (there.wrong_architecture || there.disk_full || !there.port_free) return Errc::refused;
  const bool name_taken = std::ranges::any_of(there.containers, [](const SimContainer& container) {
    return container.name == NameKind::final_name;
  });
  if (name_taken || !there.name_free) return Errc::conflict;
  return std::nullopt;
}

SimActs::Failure SimActs::take_up_sources(const SimAnswer& seen) {
  for (int member = 0; member < world_.members; ++member) {
    const auto* found = own_in(seen, member);
    if (found == nullptr) return Errc::not_found;
    if (!runs(*found)) return Errc::refused;
    record_->source[at(member)] = found->id;
    record_->spec[at(member)] = found->spec;
  }
  for (int member = 0; member < world_.members; ++member) {
    world_.holders[at(member)] = {record_->from, record_->source[at(member)]};
  }
  return std::nullopt;
}

SimActs::Failure SimActs::stage_image() {
  const auto staged = ask(record_->to, Ask::stage);
  const auto seen = look(record_->to);
  if (seen.error) return seen.error;
  if (!seen.image) return staged.error.value_or(Errc::io);
  return std::nullopt;
}

SimActs::Failure SimActs::create_destination() {
  const auto before = look(record_->to);
  if (before.error) return before.error;
  for (int member = 0; member < world_.members; ++member) {
    if (copy_in(before, member) != nullptr) continue;
    const auto failed = copy(Ask::create, member);
    if (failed && failed != Errc::conflict) return failed;
  }
  const auto made = look(record_->to);
  if (made.error) return made.error;
  const auto original = look(record_->from);
  if (original.error) return original.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* copy = copy_in(made, member);
    const auto* source = source_in(original, member);
    if (copy == nullptr || source == nullptr) return Errc::not_found;
    if (copy->spec != source->spec || copy->state != RunState::created) return Errc::refused;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::send_all(bool final_round) {
  for (int member = 0; member < world_.members; ++member) {
    auto made = order(Ask::send);
    made.member = member;
    made.container = record_->source[at(member)];
    made.to = record_->to;
    made.final_round = final_round;
    if (const auto failed = world_.call(record_->from, made).error) return failed;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::precopy() {
  const Ms begun = world_.now();
  if (const auto failed = send_all(false)) return failed;
  const bool fast = world_.host(record_->from).writes_faster;
  const auto last = record_->rounds.empty() ? gib : count(record_->rounds.back().sent);
  const auto written = fast ? last : last / (2 + world_.draw(20));
  record_->rounds.push_back({Bytes{last}, Duration{world_.now() - begun}, Bytes{written}});
  again_ = another_round(record_->rounds);
  record_->rounds.back().sent = Bytes{written};
  return std::nullopt;
}

SimActs::Failure SimActs::fence_source() {
  for (int member = 0; member < world_.members; ++member) {
    if (const auto failed = source(Ask::set_policy, member, Policy::no)) return failed;
  }
  const auto seen = look(record_->from);
  if (seen.error) return seen.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(seen, member);
    if (container == nullptr) return Errc::not_found;
    if (container->policy != Policy::no) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::stop_source() {
  for (int member = world_.members - 1; member >= 0; --member) {
    if (const auto failed = source(Ask::stop, member)) return failed;
  }
  const auto seen = look(record_->from);
  if (seen.error) return seen.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* container = source_in(seen, member);
    if (container == nullptr) return Errc::not_found;
    if (container->state != RunState::exited) return Errc::conflict;
  }
  return std::nullopt;
}

SimActs::Failure SimActs::final_sync() {
  const Ms begun = world_.now();
  const auto before = look(record_->from);
  if (before.error) return before.error;
  if (const auto failed = send_all(true)) return failed;
  const auto after = look(record_->from);
  if (after.error) return after.error;
  for (int member = 0; member < world_.members; ++member) {
    const auto* was = source_in(before, member);
    const auto* is = source_in(after, member);
    if (was == nullptr || is == nullptr) return Errc::not_found;
    const bool stood_still = was->state == RunState::exited && is->state == RunState::exited &&
                             was->started == is->started;
    if (!stood_still) return Errc::conflict;
  }
  if (world_.now() - begun > downtime_max) return Errc::timeout;
  return std::nullopt;
}

}  // namespace plimsoll::move_sim
