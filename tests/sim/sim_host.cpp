#include "sim/sim_host.h"

#include <algorithm>
#include <limits>

namespace plimsoll::move_sim {
namespace {

constexpr Ms one_million = 1'000'000;
constexpr Ms healthy_after = 2 * second;

std::size_t at(int move) { return static_cast<std::size_t>(move); }

}  // namespace

Ms SimHost::local(Ms time) const {
  const Ms since = time - booted_;
  return since + since * clock_ppm_ / one_million;
}

/// The first true time at which the local clock shows so much.
Ms SimHost::true_time(Ms local_time) const {
  Ms time = booted_ + local_time * one_million / (one_million + clock_ppm_);
  while (local(time) < local_time) ++time;
  return time;
}

SimContainer* SimHost::find(int id) {
  const auto found = std::ranges::find(containers_, id, &SimContainer::id);
  return found == containers_.end() ? nullptr : &*found;
}

SimContainer* SimHost::copy_of(int move, int member) {
  const auto found = std::ranges::find_if(containers_, [&](const SimContainer& container) {
    return container.label == move && container.member == member;
  });
  return found == containers_.end() ? nullptr : &*found;
}

bool SimHost::healthy(const SimContainer& container) const {
  if (container.state != RunState::running) return false;
  const Ms up = around_.now() - container.started;
  const bool is_copy = container.label != 0;
  if (is_copy && never_healthy) return false;
  if (is_copy && flaps && (up / second) % 3 == 2) return false;
  return up >= healthy_after;
}

const Data& SimHost::data_of(SimContainer& container) {
  if (container.state == RunState::running) {
    const Ms each = writes_faster ? 10 : 100;
    const auto count = static_cast<int>((around_.now() - container.started) / each) + 1;
    auto& known = container.data.back().second;
    known = std::max(known, count);
  }
  return container.data;
}

bool SimHost::has_traces_of(int move) const {
  return redirects_[at(move)] || staged_[at(move)] || (lease_ && lease_->move == move);
}

void SimHost::run(SimContainer& container) {
  container.state = RunState::running;
  container.started = around_.now();
  container.stopped_by_order = false;
  container.dies.reset();
  const int period = around_.new_number();
  container.period = container.tampered ? -period : period;
  put(container.data, container.period, 1);
}

void SimHost::end(SimContainer& container) {
  if (container.state != RunState::running) return;
  data_of(container);
  container.state = RunState::exited;
  container.dies.reset();
}

void SimHost::start_by_policy() {
  for (SimContainer& container : containers_) {
    const bool again = container.policy == Policy::always ||
                       (container.policy == Policy::unless_stopped && !container.stopped_by_order);
    if (again && container.state == RunState::exited) run(container);
  }
}

void SimHost::docker_restarted() {
  docker_back_at_.reset();
  for (SimContainer& container : containers_) end(container);
  start_by_policy();
}

void SimHost::docker_down_until(Ms time) {
  if (up()) docker_back_at_ = time;
}

void SimHost::reboot_until(Ms time) {
  if (!up()) return;
  for (SimContainer& container : containers_) end(container);
  lease_.reset();
  docker_back_at_.reset();
  boots_at_ = time;
}

void SimHost::heal() {
  disk_full = port_taken = name_taken = wrong_architecture = false;
  flaps = never_healthy = exits_at_once = writes_faster = false;
}

Ms SimHost::next_due() const {
  Ms due = std::numeric_limits<Ms>::max();
  if (boots_at_) due = std::min(due, *boots_at_);
  if (docker_back_at_) due = std::min(due, *docker_back_at_);
  if (lease_ && !lease_->fired && up()) due = std::min(due, true_time(lease_->until_local));
  for (const SimContainer& container : containers_) {
    if (container.dies) due = std::min(due, *container.dies);
  }
  return due;
}

void SimHost::tick() {
  const Ms now = around_.now();
  if (boots_at_ && *boots_at_ <= now) {
    boots_at_.reset();
    ++boot_;
    booted_ = now;
    start_by_policy();
  }
  if (docker_back_at_ && *docker_back_at_ <= now) docker_restarted();
  for (SimContainer& container : containers_) {
    if (container.dies && *container.dies <= now) end(container);
  }
  if (!lease_ || lease_->fired || !up() || local(now) < lease_->until_local) return;
  lease_->fired = true;
  for (SimContainer& container : containers_) {
    if (container.label == lease_->move) stop(container);
  }
}

}  // namespace plimsoll::move_sim
