#include "sim/sim_world.h"

#include <fmt/format.h>

#include <algorithm>

namespace plimsoll::move_sim {
namespace {

/// When an order counts as lost at the latest; a connection that breaks says so at once.
constexpr Ms deadline = 20 * second;
constexpr Ms latest_delivery = 30 * minute;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

SimWorld::SimWorld(std::uint64_t seed, Mutation mutation, bool keep_trace)
    : random_(seed), mutation_(mutation), keep_trace_(keep_trace) {
  appointed_ =
      Appointment{static_cast<Act>(seed % act_count), static_cast<Fault>(seed / act_count % faults),
                  static_cast<Hook>(seed / act_count / faults % hooks)};
  hosts_.reserve(host_count);
  for (int i = 0; i < host_count; ++i) {
    // Clocks of machines differ by 1 % at most: the lease's margin says so.
    hosts_.emplace_back(i, static_cast<int>(draw(20'001)) - 10'000, *this);
  }
  members = 1 + static_cast<int>(draw(3));
  policy = static_cast<Policy>(draw(3));
  fault_permille_ = draw(8) == 0 ? 0 : draw(80);
  for (auto kinds = draw(2) == 0 ? 0 : 1 + draw(4); kinds > 0; --kinds) {
    chosen_.push_back(static_cast<Fault>(draw(faults)));
  }
  // A few kinds may come often.
  if (!chosen_.empty()) fault_permille_ *= 3;
  seed_permille_ = fault_permille_;
  if (draw(4) == 0) {
    plot_ask_ = static_cast<Ask>(draw(static_cast<std::uint64_t>(Ask::clear) + 1));
    plot_in_ = static_cast<int>(draw(draw(2) == 0 ? 3 : 12));
  }
  for (int member = 0; member < members; ++member) {
    SimContainer container;
    container.id = new_number();
    container.member = member;
    container.policy = policy;
    container.consistent = true;
    container.spec = 1;
    host(0).image = true;
    host(0).run(container);
    holders.push_back({0, container.id});
    host(0).containers().push_back(std::move(container));
  }
}

void SimWorld::note(const char* what, std::int64_t a, std::int64_t b, std::int64_t c) {
  constexpr std::uint64_t prime = 1'099'511'628'211ULL;
  for (const char* letter = what; *letter != 0; ++letter) {
    digest_ = (digest_ ^ static_cast<unsigned char>(*letter)) * prime;
  }
  for (const std::int64_t value : {now_, a, b, c}) {
    digest_ = (digest_ ^ static_cast<std::uint64_t>(value)) * prime;
  }
  if (keep_trace_) trace_ += fmt::format("{:>9} {} {} {} {}\n", now_, what, a, b, c);
}

void SimWorld::violation(const char* what) {
  note(what);
  if (broken_.empty()) broken_ = fmt::format("{} (at {} ms, in {})", what, now_, act_name(act_));
}

/// I3: what the move found is removed when it has been retired long enough, never before.
void SimWorld::about_to_remove(const SimContainer& container) {
  const bool holds = std::ranges::any_of(
      holders, [&](const Holder& holder) { return holder.container == container.id; });
  if (holds) violation("I2 the copy that counts is removed");
  const bool staged = container.name == NameKind::temporary && container.label == move;
  if (staged && !committed) return;
  if (container.name == NameKind::retired && may_clean) return;
  if (!holds) violation("I3 a source is removed before its time");
}

void SimWorld::check() {
  for (int member = 0; member < members; ++member) {
    const Holder& holder = holders[at(member)];
    int running = 0;
    bool by_person = false;
    for (SimHost& host : hosts_) {
      for (const SimContainer& container : host.containers()) {
        if (container.member != member || container.state != RunState::running) continue;
        by_person = by_person || container.tampered || container.foreign;
        ++running;
      }
    }
    if (running > 1 && !by_person) violation("I1 two writers run");
    const SimContainer* counts = host(holder.host).find(holder.container);
    if (counts == nullptr && !holder.removed_by_person) violation("I2 no copy is left");
    if (counts != nullptr && !counts->consistent) violation("I2 the copy that counts is damaged");
  }
}

void SimWorld::advance(Ms duration) {
  const Ms end = now_ + duration;
  for (;;) {
    Ms due = end + 1;
    for (const SimHost& host : hosts_) due = std::min(due, host.next_due());
    const auto late = std::ranges::min_element(late_, {}, &Delivery::at);
    const bool is_delivery = late != late_.end() && late->at < due;
    if (is_delivery) due = late->at;
    if (due > end) break;
    now_ = std::max(now_, due);
    if (is_delivery) {
      // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): the original goes
      const Delivery delivery = *late;
      late_.erase(late);
      note(ask_name(delivery.order.ask), delivery.host, delivery.order.member, -1);
      if (host(delivery.host).up()) host(delivery.host).handle(delivery.order);
    } else {
      for (SimHost& host : hosts_) host.tick();
    }
    check();
  }
  now_ = end;
}

std::optional<Errc> SimWorld::cannot_reach(int index) {
  if (now_ < not_in_csv_until_[at(index)]) return Errc::invalid;
  if (now_ < key_changed_until_[at(index)]) return Errc::unauthorized;
  if (now_ < refused_until_[at(index)] || !host(index).up()) return Errc::unreachable;
  return std::nullopt;
}

SimAnswer SimWorld::lost(Errc code, Ms after) {
  advance(after);
  SimAnswer answer;
  answer.error = code;
  return answer;
}

SimAnswer SimWorld::deliver(int index, const SimOrder& order) {
  auto answer = host(index).handle(order);
  check();
  if (answer.takes > 0) advance(answer.takes);
  return answer;
}

SimAnswer SimWorld::call(int index, const SimOrder& order) {
  if (killed) return lost(Errc::cancelled, 0);
  if (const auto fault = drawn_fault(fault_permille_ / 4)) inject(*fault);
  if (killed) return lost(Errc::cancelled, 0);
  advance(static_cast<Ms>(1 + draw(20)));
  if (const auto unreachable = cannot_reach(index)) return lost(*unreachable, 1);
  auto fault = std::exchange(next_call_, std::nullopt);
  if (order.ask == plot_ask_ && plot_in_ >= 0) {
    if (plot_in_ == 0) {
      fault = Fault::late_effect;
      refused_until_[at(index)] = now_ + minute + static_cast<Ms>(draw(5 * minute));
    }
    --plot_in_;
  }
  note(ask_name(order.ask), index, order.member, fault ? static_cast<int>(*fault) : -1);
  if (fault == Fault::stall) return lost(Errc::timeout, static_cast<Ms>(draw(deadline)));
  if (fault == Fault::late_effect) {
    const Ms within = draw(3) == 0 ? latest_delivery : draw(2) == 0 ? 2 * minute : minute / 2;
    late_.push_back(
        {now_ + 1 + static_cast<Ms>(draw(static_cast<std::uint64_t>(within))), index, order});
    // As a partition does it: the order sticks in a buffer, and nothing else comes through.
    if (draw(2) == 0) refused_until_[at(index)] = now_ + static_cast<Ms>(draw(5 * minute));
    return lost(Errc::timeout, static_cast<Ms>(draw(deadline)));
  }
  if (fault == Fault::cut_mid_stream && order.ask == Ask::send) {
    SimOrder torn = order;
    torn.final_round = false;
    deliver(index, torn);
    return lost(Errc::io, 1);
  }
  auto answer = deliver(index, order);
  const bool no_reply = fault == Fault::reply_lost || fault == Fault::cut_mid_stream ||
                        now_ < one_way_until_[at(index)];
  if (no_reply) return lost(Errc::timeout, static_cast<Ms>(draw(deadline)));
  return answer;
}

std::optional<Errc> SimWorld::stream(int from_host, const SimOrder& receive) {
  if (now_ < hosts_apart_until_ || !host(from_host).up() || !host(receive.to).up()) {
    return Errc::unreachable;
  }
  // Where the connection breaks, the destination has a part of it.
  return host(receive.to).handle(receive).error;
}

}  // namespace plimsoll::move_sim
