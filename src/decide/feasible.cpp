#include "decide/feasible.h"

#include <algorithm>
#include <limits>

#include "decide/by_spread.h"
#include "decide/labels.h"
#include "decide/risk_book.h"
#include "decide/scalar.h"
#include "decide/smooth.h"

namespace plimsoll {
namespace {

/// What rounding may take off or add.
constexpr double tolerance = 1e-9;

bool anywhere(const std::string& address) {
  return address.empty() || address == "0.0.0.0" || address == "::";
}

bool clash(const PublishedPort& a, const PublishedPort& b) {
  return a.port == b.port && a.protocol == b.protocol &&
         (anywhere(a.address) || anywhere(b.address) || a.address == b.address);
}

const PublishedPort* clash(const std::vector<PublishedPort>& wanted,
                           const std::vector<PublishedPort>& taken) {
  for (const PublishedPort& port : wanted) {
    for (const PublishedPort& other : taken) {
      if (clash(port, other)) return &port;
    }
  }
  return nullptr;
}

/// plimsoll.max-downtime in seconds. One that cannot be read is an obstacle of its own.
double longest_stop(const ContainerState& container) {
  const auto stop = max_downtime(container);
  const std::optional<Duration> limit = stop ? stop.value() : std::nullopt;
  return limit ? seconds(*limit) : std::numeric_limits<double>::infinity();
}

/// One sample since the last move is enough where CPU is judged otherwise, as long as nothing else
/// comes.
Utilisation newest_of(const HostBook& book) {
  const auto& samples = book.state->samples;
  const bool alone = book.moves == 0 && !samples.empty();
  if (!alone || (book.last_move && samples.back().time <= *book.last_move)) return {};
  return samples.back().used;
}

/// A person's move does not wait until the time since the last one is known well: the figures that
/// are shown must do.
Utilisation crowd_of(const HostBook& book, Strictness strictness) {
  const bool known = book.crowd.cpu && book.crowd.memory;
  if (known) return book.crowd;
  if (strictness.cpu_by_spread) return newest_of(book);
  if (strictness.limits) return book.crowd;
  return higher_of(book.seen.used, book.seen.high);
}

/// The rules, one after the other, until one refuses.
class Judge {
 public:
  Judge(const Ledger& ledger, const Traveller& traveller, std::size_t to, Strictness strictness)
      : ledger_(ledger),
        policy_(ledger.policy()),
        traveller_(traveller),
        container_(*traveller.container),
        to_(to),
        book_(ledger.book(to)),
        host_(*book_.state),
        strictness_(strictness),
        target_(strictness.to_the_line ? 1.0 : policy_.target),
        crowd_(crowd_of(book_, strictness)) {}

  std::variant<Offer, Refusal> verdict() {
    // What is cheap to ask comes first: in a full fleet most hosts end there.
    for (const auto rule :
         {&Judge::presence, &Judge::limits, &Judge::fit, &Judge::use, &Judge::risk, &Judge::sizes,
          &Judge::name, &Judge::apart, &Judge::ports, &Judge::transfer}) {
      (this->*rule)();
      if (refusal_) return *refusal_;
    }
    return Offer{predicted_, level_after_};
  }

 private:
  /// The first rule that applies wins, unless a person overrules it.
  void refuse(bool applies, Rule rule, double would = 0, double may = 0) {
    if (!applies || refusal_ || (strictness_.force && may_be_forced(rule))) return;
    refusal_ = Refusal{rule, would, may};
  }

  void presence() {
    refuse(to_ == traveller_.from, Rule::same_host);
    refuse(book_.seen.stale, Rule::silent);
    refuse(host_.drained, Rule::drained);
    refuse(!host_.detailed, Rule::not_read);
    refuse(book_.last_move && (!crowd_.cpu || !crowd_.memory), Rule::host_cooldown);
    refuse(!crowd_.cpu || !crowd_.memory || !host_.capacity.cpu_cores || !host_.capacity.memory,
           Rule::unmeasured);
    rising();
  }

  /// Where the caller judges CPU: what comes is not in what was used so far.
  void rising() {
    if (!strictness_.cpu_by_spread && !policy_.forecast) return;
    if (!rises_over_line(book_, policy_)) return;
    const Forecast& expected = *book_.seen.expected;
    refuse(true, Rule::rising, expected.expected - expected.error, policy_.line.cpu);
  }

  void limits() {
    if (!strictness_.limits) return;
    refuse(book_.moves >= policy_.moves_per_host, Rule::host_limit, book_.moves,
           policy_.moves_per_host);
    const auto& left = traveller_.memory.left;
    refuse(std::find(left.begin(), left.end(), host_.name) != left.end(), Rule::goes_back);
  }

  void fit() {
    refuse(!container_.architecture.empty() && !host_.architecture.empty() &&
               container_.architecture != host_.architecture,
           Rule::architecture);
    refuse(!pin_allows(container_, host_), Rule::pinned);
  }

  void name() {
    const auto same_name = [&](const auto& other) { return other.name == container_.name; };
    refuse(std::any_of(host_.containers.begin(), host_.containers.end(), same_name) ||
               std::any_of(book_.arriving.begin(), book_.arriving.end(), same_name),
           Rule::name_taken);
  }

  void apart() {
    const std::string* apart = apart_of(container_);
    if (!apart) return;
    for (const ContainerState& other : host_.containers) {
      const std::string* theirs = apart_of(other);
      refuse(other.state == "running" && theirs && *theirs == *apart, Rule::apart);
    }
    for (const Arrival& arrival : book_.arriving) refuse(arrival.apart == *apart, Rule::apart);
  }

  void port(const std::vector<PublishedPort>& taken) {
    if (const PublishedPort* port = clash(container_.ports, taken)) {
      refuse(true, Rule::port_taken, port->port);
    }
  }

  void ports() {
    if (container_.ports.empty()) return;
    port(host_.ports_in_use);
    for (const ContainerState& other : host_.containers) {
      if (other.state == "running") port(other.ports);
    }
    for (const Arrival& arrival : book_.arriving) port(arrival.ports);
  }

  /// A limit that the source could not honour either is no reason to refuse.
  void size(double wanted, double here, double there) {
    refuse(wanted > there && wanted <= here, Rule::limit, wanted, there);
  }

  void sizes() {
    const Capacity& here = ledger_.book(traveller_.from).state->capacity;
    const Capacity& there = host_.capacity;
    if (container_.cpu_limit_cores && here.cpu_cores && there.cpu_cores) {
      size(*container_.cpu_limit_cores, *here.cpu_cores, *there.cpu_cores);
    }
    if (container_.memory_limit && here.memory && there.memory) {
      size(as_double(*container_.memory_limit), as_double(*here.memory), as_double(*there.memory));
    }
    reservations();
  }

  void reservations() {
    if (!container_.memory_reservation || !host_.capacity.memory) return;
    double reserved = as_double(*container_.memory_reservation);
    for (const ContainerState& other : host_.containers) {
      if (other.state == "running") {
        reserved += as_double(other.memory_reservation.value_or(Bytes{}));
      }
    }
    for (const Arrival& arrival : book_.arriving) reserved += as_double(arrival.reservation);
    const double has = as_double(*host_.capacity.memory);
    refuse(reserved > has, Rule::limit, reserved, has);
  }

  void below_target(const std::optional<double>& would, double line, Rule rule) {
    const double may = line * target_;
    refuse(would && *would > may + tolerance, rule, would.value_or(0), may);
  }

  void judge_use(Utilisation after) {
    if (strictness_.cpu_by_spread) after.cpu.reset();
    below_target(after.cpu, policy_.line.cpu, Rule::cpu);
    below_target(after.memory, policy_.line.memory, Rule::memory);
    below_target(after.storage, policy_.line.storage, Rule::storage);
    level_after_ = level_of(after, policy_).value_or(0);
    refuse(level_after_ > target_ + tolerance, Rule::load, level_after_, target_);
  }

  void use() { judge_use(with_demand(crowd_, traveller_.demand, host_.capacity, 1)); }

  /// Memory or storage is no reason to bring a host where its CPU would have to be relieved. Not
  /// asked of one that gives again right afterwards.
  void risk() {
    const RiskBook* risks = ledger_.risks();
    if (risks == nullptr || strictness_.cpu_by_spread || strictness_.to_the_line) return;
    const Resident* resident = risks->find(container_.name, traveller_.from);
    if (resident == nullptr) return;
    const double after = risks->risk_with(to_, resident->outlook);
    refuse(after > price_of_move(policy_), Rule::risk, after, price_of_move(policy_));
  }

  void transfer() {
    const Way way = ledger_.way(traveller_.from, to_);
    refuse(way.bytes_per_s <= 0, Rule::link);
    if (refusal_) return;
    predicted_ =
        predict(container_, host_, way, policy_,
                ledger_.learned().experience(traveller_.from, to_, way, container_.image_id));
    judge_disk();
    const double longest = longest_stop(container_);
    refuse(predicted_.downtime_s > longest, Rule::max_downtime, predicted_.downtime_s, longest);
  }

  void judge_disk() {
    const double wanted =
        (as_double(predicted_.written) + as_double(book_.incoming)) * policy_.disk_factor;
    const double free = as_double(host_.capacity.storage_free.value_or(Bytes{}));
    refuse(wanted > free || !host_.capacity.storage_free, Rule::disk, wanted, free);
    Demand demand = traveller_.demand;
    demand.storage = predicted_.written;
    judge_use(with_demand(crowd_, demand, host_.capacity, 1));
  }

  const Ledger& ledger_;
  const Policy& policy_;
  const Traveller& traveller_;
  const ContainerState& container_;
  std::size_t to_;
  const HostBook& book_;
  const HostState& host_;
  Strictness strictness_;
  double target_;
  Utilisation crowd_;
  std::optional<Refusal> refusal_;
  Prediction predicted_;
  double level_after_ = 0;
};

}  // namespace

bool rises_over_line(const HostBook& book, const Policy& policy) {
  const auto& expected = book.seen.expected;
  if (!expected || book.seen.used.cpu.value_or(0) > policy.line.cpu) return false;
  return expected->expected - expected->error > policy.line.cpu;
}

Traveller traveller(const Ledger& ledger, const ContainerState& container, std::size_t from) {
  return {.container = &container,
          .from = from,
          .memory = ledger.memory_of(container.name, from),
          .demand = {.cpu_cores = std::max(0.0, container.cpu_cores.value_or(0)),
                     .memory = container.memory.value_or(Bytes{}),
                     .storage = Bytes{}}};
}

std::variant<Offer, Refusal> judge(const Ledger& ledger, const Traveller& traveller, std::size_t to,
                                   Strictness strictness) {
  return Judge{ledger, traveller, to, strictness}.verdict();
}

}  // namespace plimsoll
