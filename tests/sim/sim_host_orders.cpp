// What a host makes of an order: its fence first, then leases, data and the engine.
#include <algorithm>

#include "sim/sim_host.h"

namespace plimsoll::move_sim {
namespace {

constexpr Ms ordinary_stop = 200;

std::size_t at(int move) { return static_cast<std::size_t>(move); }

}  // namespace

std::optional<Errc> SimHost::admit(const SimOrder& order) {
  if (owner_ != 0 && owner_ != order.owner) {
    // Who was replaced once comes too late, whatever it says.
    if (!order.take_over || order.owner < owner_) return Errc::refused;
    newest_ = {};
  }
  owner_ = order.owner;
  auto& newest = newest_[at(order.move)];
  const bool late = order.number < newest;
  if (late && around_.mutation() != Mutation::late_orders_obeyed) return Errc::refused;
  newest = std::max(newest, order.number);
  return std::nullopt;
}

SimAnswer SimHost::handle(const SimOrder& order) {
  SimAnswer answer;
  answer.clock_local = local(around_.now());
  answer.boot = boot_;
  answer.error = admit(order);
  if (answer.ok()) carry_out(order, answer);
  return answer;
}

void SimHost::carry_out(const SimOrder& order, SimAnswer& answer) {
  switch (order.ask) {
    case Ask::close_move:
      return;
    case Ask::send:
      answer.takes = (order.final_round ? 100 : second);
      answer.error = send(order);
      return;
    case Ask::receive:
      answer.error = receive(order);
      return;
    case Ask::arm:
      answer.error = arm(order);
      answer.lease_until = lease_ ? std::optional{lease_->name_local} : std::nullopt;
      return;
    case Ask::renew:
      answer.error = renew(order);
      return;
    case Ask::disarm:
      if (lease_ && lease_->move == order.move) lease_.reset();
      return;
    case Ask::redirect:
      redirects_[at(order.move)] = true;
      return;
    case Ask::clear:
      redirects_[at(order.move)] = staged_[at(order.move)] = false;
      return;
    case Ask::look:
    case Ask::stage:
    case Ask::create:
    case Ask::start:
    case Ask::stop:
    case Ask::rename:
    case Ask::set_policy:
    case Ask::remove:
      with_engine(order, answer);
      return;
  }
}

void SimHost::with_engine(const SimOrder& order, SimAnswer& answer) {
  if (docker_back_at_) {
    answer.error = Errc::unreachable;
    return;
  }
  if (order.ask == Ask::look) {
    answer_look(answer, order.move);
    return;
  }
  if (order.ask == Ask::stage) {
    staged_[at(order.move)] = true;
    answer.takes = image ? 10 : 3 * second;
    if (!image && disk_full) answer.error = Errc::io;
    image = image || !disk_full;
    return;
  }
  if (order.ask == Ask::create) {
    answer.error = create(order);
    return;
  }
  SimContainer* container =
      order.container != 0 ? find(order.container) : copy_of(order.move, order.member);
  if (container == nullptr) {
    answer.error = Errc::not_found;
  } else if (order.ask == Ask::start) {
    answer.takes = 200;
    answer.error = start(*container, order);
  } else if (order.ask == Ask::stop) {
    answer.takes = stop(*container);
  } else if (order.ask == Ask::rename) {
    answer.error = rename(*container, order);
  } else if (order.ask == Ask::set_policy) {
    container->policy = order.policy;
  } else {
    answer.error = remove(container->id);
  }
}

void SimHost::answer_look(SimAnswer& answer, int move) {
  answer.image = image;
  answer.port_free = !port_taken;
  answer.name_free = !name_taken;
  answer.disk_full = disk_full;
  answer.wrong_architecture = wrong_architecture;
  answer.redirects = redirects_[at(move)];
  if (lease_ && lease_->move == move) answer.lease_until = lease_->name_local;
  answer.containers = containers_;
  for (SimContainer& seen : answer.containers) seen.healthy = healthy(seen);
}

std::optional<Errc> SimHost::create(const SimOrder& order) {
  if (copy_of(order.move, order.member) != nullptr) return Errc::conflict;
  if (!image || disk_full) return Errc::io;
  if (wrong_architecture) return Errc::refused;
  SimContainer made;
  made.id = around_.new_number();
  made.member = order.member;
  made.label = order.move;
  made.name = NameKind::temporary;
  made.named_by = order.move;
  made.spec = order.spec;
  made.made_after = order.made_after;
  staged_[at(order.move)] = true;
  containers_.push_back(std::move(made));
  return std::nullopt;
}

std::optional<Errc> SimHost::send(const SimOrder& order) {
  SimContainer* source = find(order.container);
  if (source == nullptr) return Errc::not_found;
  SimOrder receive = order;
  receive.ask = Ask::receive;
  receive.container = 0;
  receive.data = data_of(*source);
  receive.final_round = order.final_round && source->state != RunState::running;
  const auto failed = around_.stream(index_, receive);
  if (failed) return failed;
  // The digests differ where the source went on writing.
  if (order.final_round && !receive.final_round) return Errc::io;
  return std::nullopt;
}

std::optional<Errc> SimHost::receive(const SimOrder& order) {
  SimContainer* copy = copy_of(order.move, order.member);
  if (copy == nullptr) return Errc::not_found;
  // A real hand would write: that a copy must not run while it does is what the fence is for.
  if (copy->state == RunState::running)
    around_.violation("I2 data is written under a running copy");
  copy->consistent = order.final_round && !disk_full;
  copy->data = order.data;
  if (disk_full) return Errc::io;
  return std::nullopt;
}

std::optional<Errc> SimHost::arm(const SimOrder& order) {
  if (order.boot != boot_ || local(around_.now()) >= order.until_local) return Errc::refused;
  lease_ = Lease{order.move, order.until_local, order.until_local, false};
  return std::nullopt;
}

std::optional<Errc> SimHost::renew(const SimOrder& order) {
  const bool known = lease_ && lease_->move == order.move && !lease_->fired;
  if (!known || order.boot != boot_) return Errc::refused;
  const bool from_now = around_.mutation() == Mutation::lease_from_now;
  const Ms until = from_now ? local(around_.now()) + order.lease : order.until_local;
  lease_->until_local = std::max(lease_->until_local, until);
  return std::nullopt;
}

/// An order to start a copy under a lease is void once that lease is over, or another one.
bool SimHost::lease_allows(const SimOrder& order) const {
  if (order.until_local == 0 || around_.mutation() == Mutation::lease_not_named) return true;
  return lease_ && lease_->move == order.move && !lease_->fired &&
         lease_->name_local == order.until_local && order.boot == boot_ &&
         local(around_.now()) < lease_->until_local;
}

std::optional<Errc> SimHost::start(SimContainer& container, const SimOrder& order) {
  if (!lease_allows(order)) return Errc::refused;
  if (container.state == RunState::running) return std::nullopt;
  if (disk_full) return Errc::io;
  if (container.label != 0 && port_taken) return Errc::io;
  if (!container.consistent) around_.violation("I2 an incomplete copy is started");
  run(container);
  if (container.label != 0 && exits_at_once) end(container);
  return std::nullopt;
}

Ms SimHost::stop(SimContainer& container) {
  if (container.state != RunState::running) return 0;
  container.stopped_by_order = true;
  const Ms takes = ignores_sigterm ? grace : ordinary_stop;
  if (!container.dies) container.dies = around_.now() + takes;
  return *container.dies - around_.now();
}

std::optional<Errc> SimHost::rename(SimContainer& container, const SimOrder& order) {
  if (order.name == NameKind::final_name) {
    const bool taken = name_taken || std::ranges::any_of(containers_, [&](const auto& other) {
                         return other.id != container.id && other.member == container.member &&
                                other.name == NameKind::final_name;
                       });
    if (taken) return Errc::conflict;
  }
  container.name = order.name;
  container.named_by = order.move;
  return std::nullopt;
}

std::optional<Errc> SimHost::remove(int id) {
  SimContainer* container = find(id);
  around_.about_to_remove(*container);
  std::erase_if(containers_, [&](const SimContainer& other) { return other.id == id; });
  return std::nullopt;
}

}  // namespace plimsoll::move_sim
