// What befalls the world, and how it is healed.
#include <algorithm>

#include "sim/sim_world.h"

namespace plimsoll::move_sim {
namespace {

constexpr int foreign_owner = 1'000;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

std::optional<Fault> SimWorld::drawn_fault(std::uint64_t permille) {
  if (fault_permille_ == 0 || !chance(permille)) return std::nullopt;
  if (chosen_.empty()) return static_cast<Fault>(draw(faults));
  return chosen_[draw(chosen_.size())];
}

void SimWorld::hook(Hook where, Act act) {
  act_ = act;
  auto fault = drawn_fault(fault_permille_);
  if (appointed_ && appointed_->act == act && appointed_->where == where) {
    fault = std::exchange(appointed_, std::nullopt)->fault;
  }
  if (!fault) return;
  auto& counts = coverage_[static_cast<std::size_t>(act)][static_cast<std::size_t>(*fault)];
  ++counts[static_cast<std::size_t>(where)];
  inject(*fault);
}

void SimWorld::inject(Fault fault) {
  note(fault_name(fault));
  inject_now(fault);
  check();
}

void SimWorld::inject_now(Fault fault) {
  const Ms window = now_ + second + static_cast<Ms>(draw(draw(4) == 0 ? 10 * minute : minute));
  if (fault >= Fault::source_docker_restarted) {
    befall_source(fault);
  } else if (fault >= Fault::destination_docker_restarted) {
    befall_destination(fault);
  } else if (fault >= Fault::host_csv_edited) {
    befall_network(fault, window);
  } else {
    befall_orchestrator(fault, window);
  }
}

void SimWorld::befall_orchestrator(Fault fault, Ms window) {
  if (fault == Fault::killed) {
    killed = true;
  } else if (fault == Fault::journal_write_lost || fault == Fault::journal_write_kept) {
    next_write = fault;
  } else if (fault == Fault::journal_disk_full) {
    journal_full_until = window;
  } else if (fault == Fault::journal_destroyed) {
    killed = journal_destroyed = true;
  } else if (fault == Fault::clock_jumps) {
    wall_offset = (static_cast<Ms>(draw(3)) - 1) * 60 * minute;
  } else if (fault == Fault::other_owner) {
    another_owner_acts();
  } else {
    // A second orchestrator finds the journal's lock taken, and does nothing: the kernel gives that
    // lock to nobody as long as the driver lives. One that comes after it is SimDriver::recover.
    note("locked out");
  }
}

void SimWorld::befall_network(Fault fault, Ms window) {
  const auto either = at(draw(2) == 0 ? from : to);
  if (fault == Fault::host_csv_edited) {
    not_in_csv_until_[either] = window;
  } else if (fault == Fault::ssh_refused) {
    refused_until_[either] = window;
  } else if (fault == Fault::one_way) {
    one_way_until_[either] = window;
  } else if (fault == Fault::host_key_changed) {
    key_changed_until_[either] = window;
  } else if (fault == Fault::hosts_apart) {
    hosts_apart_until_ = window;
  } else {
    next_call_ = fault;
  }
}

void SimWorld::reboot(int index) {
  for (Holder& holder : holders) {
    holder.may_be_down = holder.may_be_down || (policy == Policy::no && holder.host == index);
  }
}

void SimWorld::befall_destination(Fault fault) {
  SimHost& destination = host(to);
  const Ms window = now_ + second + static_cast<Ms>(draw(2 * minute));
  if (fault == Fault::destination_docker_restarted) {
    reboot(to);
    destination.docker_restarted();
  } else if (fault == Fault::destination_docker_down) {
    reboot(to);
    destination.docker_down_until(window);
  } else if (fault == Fault::destination_reboot) {
    reboot(to);
    destination.reboot_until(window);
  } else if (fault == Fault::destination_disk_full) {
    destination.disk_full = !destination.disk_full;
  } else if (fault == Fault::port_taken) {
    destination.port_taken = !destination.port_taken;
  } else if (fault == Fault::name_taken) {
    destination.name_taken = !destination.name_taken;
  } else if (fault == Fault::wrong_architecture) {
    destination.wrong_architecture = true;
  } else if (fault == Fault::health_flaps) {
    destination.flaps = true;
  } else if (fault == Fault::health_never) {
    destination.never_healthy = true;
  } else {
    destination.exits_at_once = true;
  }
}

void SimWorld::befall_source(Fault fault) {
  SimHost& source = host(from);
  const Ms window = now_ + second + static_cast<Ms>(draw(2 * minute));
  if (fault == Fault::source_docker_restarted) {
    reboot(from);
    source.docker_restarted();
  } else if (fault == Fault::source_docker_down) {
    reboot(from);
    source.docker_down_until(window);
  } else if (fault == Fault::source_reboot) {
    reboot(from);
    source.reboot_until(window);
  } else if (fault == Fault::ignores_sigterm) {
    source.ignores_sigterm = true;
  } else if (fault == Fault::source_removed) {
    person_removes_source(false);
  } else if (fault == Fault::source_updated) {
    person_removes_source(true);
  } else if (fault == Fault::compose_up) {
    person_starts_source();
  } else {
    source.writes_faster = true;
  }
}

void SimWorld::another_owner_acts() {
  constexpr std::array asks{Ask::start, Ask::stop, Ask::remove, Ask::disarm, Ask::clear};
  for (const int index : {from, to}) {
    if (!host(index).up() || host(index).owner() == 0) continue;
    SimOrder order;
    order.ask = asks[draw(asks.size())];
    order.owner = foreign_owner;
    order.move = move;
    order.number = ~std::uint64_t{0};
    const auto& there = host(index).containers();
    if (!there.empty()) order.container = there[draw(there.size())].id;
    if (host(index).handle(order).ok()) violation("I5 another owner is obeyed");
  }
}

/// `docker compose up` while the source stands still.
void SimWorld::person_starts_source() {
  if (!host(from).up()) return;
  for (SimContainer& container : host(from).containers()) {
    const bool source = container.name == NameKind::final_name && container.label != move;
    if (!source || container.state == RunState::running) continue;
    container.tampered = true;
    host(from).run(container);
  }
}

/// A member of the source is removed; by `docker compose up` with another image, it is replaced.
void SimWorld::person_removes_source(bool replaces) {
  if (!host(from).up()) return;
  auto& there = host(from).containers();
  const int member = static_cast<int>(draw(static_cast<std::uint64_t>(members)));
  const auto found = std::ranges::find_if(there, [&](const SimContainer& container) {
    return container.member == member && container.name == NameKind::final_name &&
           container.label != move && !container.foreign;
  });
  if (found == there.end()) return;
  Holder& holder = holders[at(member)];
  const bool counted = holder.container == found->id;
  SimContainer mine = *found;
  there.erase(found);
  if (counted) {
    holder.removed_by_person = true;
    holder.replaced_by_person = replaces;
  }
  if (!replaces) return;
  mine.id = new_number();
  mine.foreign = true;
  mine.label = 0;
  mine.policy = policy;
  mine.spec = 2;
  host(from).run(mine);
  there.push_back(std::move(mine));
}

void SimWorld::heal() {
  note("healed");
  fault_permille_ = 0;
  next_call_.reset();
  plot_in_ = -1;
  appointed_.reset();
  killed = journal_destroyed = false;
  next_write.reset();
  hosts_apart_until_ = journal_full_until = 0;
  refused_until_ = one_way_until_ = not_in_csv_until_ = key_changed_until_ = {};
  for (SimHost& host : hosts_) host.heal();
}

}  // namespace plimsoll::move_sim
