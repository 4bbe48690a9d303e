#include "decide/ledger.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "decide/detect.h"
#include "decide/labels.h"
#include "decide/risk_book.h"
#include "decide/smooth.h"

namespace plimsoll {
namespace {

std::uint64_t pair_key(std::size_t from, std::size_t to) {
  return std::uint64_t{from} << 32 | std::uint64_t{to};
}

/// Of a host with moves in its window.
void look_around(HostBook& book, const Policy& policy, TimePoint now, const QuietTime& quiet) {
  const HostState& host = *book.state;
  book.load = smoothed(host, policy, now, quiet);
  const QuietTime since{.after = quiet.after, .before = TimePoint::max()};
  book.crowd = quiet.before == TimePoint::max() ? book.load : smoothed(host, policy, now, since);
  book.crowd = higher_of(book.crowd, high_of(host, policy, now, since));
}

HostBook open_book(const HostState& host, const Policy& policy, TimePoint now,
                   const QuietTime& quiet) {
  HostBook book;
  book.state = &host;
  book.seen = assess_host(host, policy, now, quiet);
  if (quiet.after != TimePoint::min() || quiet.before != TimePoint::max()) {
    look_around(book, policy, now, quiet);
  } else if (is_known(host, policy, now, quiet)) {
    book.load = book.seen.used;
    book.crowd = higher_of(book.seen.used, book.seen.high);
  }
  if (policy.forecast && book.crowd.cpu && book.seen.expected) {
    const Forecast& expected = *book.seen.expected;
    book.crowd.cpu = std::max(*book.crowd.cpu, expected.expected + expected.error);
  }
  if (quiet.after != TimePoint::min()) book.last_move = quiet.after;
  return book;
}

std::optional<double> shifted(std::optional<double> percent, double by, double whole) {
  if (!percent || whole <= 0) return percent;
  return std::max(0.0, *percent + by / whole * 100);
}

void take_off(HostBook& book, const Demand& demand) {
  book.load = with_demand(book.load, demand, book.state->capacity, -1);
  ++book.moves;
}

void put_on(HostBook& book, Arrival arrival, const Demand& demand) {
  book.load = with_demand(book.load, demand, book.state->capacity, 1);
  book.crowd = with_demand(book.crowd, demand, book.state->capacity, 1);
  book.incoming += demand.storage;
  book.arriving.push_back(std::move(arrival));
  ++book.moves;
}

/// Of a move under way, with what the container it moves says.
Arrival arrival_of(const MoveUnderWay& move, const HostState* from) {
  Arrival arrival{.name = move.container, .ports = move.ports, .apart = {}, .reservation = {}};
  if (from == nullptr) return arrival;
  for (const ContainerState& container : from->containers) {
    if (container.name != move.container) continue;
    if (const std::string* apart = apart_of(container)) arrival.apart = *apart;
    arrival.reservation = container.memory_reservation.value_or(Bytes{});
    if (arrival.ports.empty()) arrival.ports = container.ports;
  }
  return arrival;
}

}  // namespace

Utilisation with_demand(const Utilisation& used, const Demand& demand, const Capacity& capacity,
                        int sign) {
  Utilisation result = used;
  result.cpu = shifted(used.cpu, sign * demand.cpu_cores, capacity.cpu_cores.value_or(0));
  result.memory = shifted(used.memory, sign * as_double(demand.memory),
                          as_double(capacity.memory.value_or(Bytes{})));
  // Nobody knows whose stalls they are: they go as the CPU goes. What comes is told by its use.
  if (sign < 0 && used.pressure && used.cpu.value_or(0) > 0) {
    result.pressure = *used.pressure * result.cpu.value_or(0) / *used.cpu;
  }
  if (sign > 0) {
    result.storage = shifted(used.storage, as_double(demand.storage),
                             as_double(capacity.storage.value_or(Bytes{})));
  }
  return result;
}

Ledger::Ledger(const FleetSnapshot& fleet, const Policy& policy, TimePoint now)
    : fleet_(fleet),
      policy_(policy),
      now_(now),
      index_(fleet),
      history_(fleet, policy, now),
      learned_(fleet, index_, policy, now) {
  open_books(quiet_times(fleet, index_));
  read_links();
  enter_under_way();
}

void Ledger::open_books(const std::vector<QuietTime>& quiet) {
  books_.reserve(fleet_.hosts.size());
  for (std::size_t i = 0; i < fleet_.hosts.size(); ++i) {
    books_.push_back(open_book(fleet_.hosts[i], policy_, now_, quiet[i]));
  }
  by_name_.resize(books_.size());
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::sort(by_name_.begin(), by_name_.end(), [&](std::size_t a, std::size_t b) {
    return fleet_.hosts[a].name < fleet_.hosts[b].name;
  });
}

void Ledger::read_links() {
  links_.reserve(fleet_.links.size());
  for (const Link& link : fleet_.links) {
    const auto from = index_.find(link.from);
    const auto to = index_.find(link.to);
    if (from && to) links_.emplace(pair_key(*from, *to), &link);
  }
}

void Ledger::enter_under_way() {
  for (const MoveUnderWay& move : fleet_.under_way) {
    const auto from = index_.find(move.from);
    const auto to = index_.find(move.to);
    if (from) take_off(books_[*from], move.demand);
    if (to) {
      const HostState* source = from ? books_[*from].state : nullptr;
      put_on(books_[*to], arrival_of(move, source), move.demand);
    }
    if (move.counts) {
      ++moves_;
      continue;
    }
    if (from) --books_[*from].moves;
    if (to) --books_[*to].moves;
  }
}

std::optional<std::size_t> Ledger::find(const HostId& name) const { return index_.find(name); }

Way Ledger::way(std::size_t from, std::size_t to) const {
  const auto found = links_.find(pair_key(from, to));
  if (found == links_.end()) {
    return learned_.way(from, to, {policy_.assumed_bytes_per_s, policy_.assumed_rtt_s, false});
  }
  const Link& link = *found->second;
  const bool sane = std::isfinite(link.bytes_per_s) && std::isfinite(link.rtt_s);
  if (!sane) return {0, 0, link.measured};
  return learned_.way(from, to, {link.bytes_per_s, std::max(link.rtt_s, 0.0), link.measured});
}

MoveMemory Ledger::memory_of(const ContainerName& name, std::size_t host) const {
  return history_.of(name, books_[host].state->name);
}

bool Ledger::is_under_way(const ContainerName& name, std::size_t from) const {
  const HostId& host = books_[from].state->name;
  const auto entered = [&](const Before& each) {
    return each.container == name && (each.from == from || each.to == from);
  };
  if (std::any_of(undo_.begin(), undo_.end(), entered)) return true;
  return std::any_of(fleet_.under_way.begin(), fleet_.under_way.end(),
                     [&](const MoveUnderWay& move) {
                       return move.container == name && (move.from == host || move.to == host);
                     });
}

bool Ledger::has_image_elsewhere(const std::string& image_id, std::size_t than) {
  if (image_holders_.empty()) count_images();
  const auto found = image_holders_.find(image_id);
  if (found == image_holders_.end()) return false;
  const auto& here = books_[than].state->image_ids;
  const bool held_here = std::find(here.begin(), here.end(), image_id) != here.end();
  return found->second > (held_here ? 1U : 0U);
}

void Ledger::count_images() {
  for (const HostState& host : fleet_.hosts) {
    for (const std::string& id : host.image_ids) ++image_holders_[id];
  }
}

void Ledger::enter(const Entry& entry) {
  HostBook& from = books_[entry.from];
  HostBook& to = books_[entry.to];
  undo_.push_back({entry.from, entry.to, from, to, entry.counts, entry.arrival.name});
  take_off(from, entry.demand);
  if (entry.in_turn) {
    from.crowd = with_demand(from.crowd, entry.demand, from.state->capacity, -1);
  }
  put_on(to, entry.arrival, entry.demand);
  if (risks_ != nullptr) risks_->land(entry.arrival.name, entry.from, entry.to);
  if (entry.counts) {
    ++moves_;
  } else {
    --from.moves;
    --to.moves;
  }
}

void Ledger::strike(std::size_t entries) {
  for (; entries > 0 && !undo_.empty(); --entries) {
    Before& before = undo_.back();
    books_[before.from] = std::move(before.from_book);
    books_[before.to] = std::move(before.to_book);
    if (before.counted) --moves_;
    if (risks_ != nullptr) risks_->take_back(before.container, before.from, before.to);
    undo_.pop_back();
  }
}

}  // namespace plimsoll
