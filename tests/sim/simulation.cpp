#include "sim/simulation.h"

#include "move/retention.h"
#include "sim/sim_driver.h"

namespace plimsoll::move_sim {
namespace {

constexpr Ms latest_delivery = 31 * minute;
constexpr Ms hour = 60 * minute;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

MoveRules drawn_rules(SimWorld& world) {
  MoveRules rules;
  rules.strategy = world.draw(4) == 0 ? Strategy::cold : Strategy::warm;
  rules.patience = {.tries = 2 + static_cast<int>(world.draw(6)), .pause = Duration{2'000}};
  rules.lease = Duration{world.draw(8) == 0 ? 0 : 30'000};
  // No more than what the stop and 1 % of drift take: a shorter wait would be unsafe.
  rules.lease_margin = Duration{grace + rules.lease.count() / 50};
  rules.may_resume = world.draw(4) != 0;
  return rules;
}

/// One seed from its beginning to the last look at every host.
class Story {
 public:
  Story(std::uint64_t seed, const SimOptions& options)
      : world_(seed, options.mutation, options.keep_trace),
        rules_(drawn_rules(world_)),
        driver_(world_, rules_) {}

  SimResult tell() {
    auto first = move(0, 1, 0);
    if (fine() && is_success(first.progress.state) && world_.draw(4) == 0) undo(first);
    // An undo that is for a person holds it still.
    if (fine() && is_success(first.progress.state) && !quarantined_) clean(first);
    if (fine()) nothing_is_left();
    SimResult result = result_;
    result.broken = world_.broken();
    result.digest = world_.digest();
    result.trace = world_.trace();
    result.coverage = world_.coverage();
    return result;
  }

 private:
  [[nodiscard]] bool fine() const { return world_.broken().empty(); }

  SimRecord move(int from, int to, int previous) {
    SimRecord record;
    record.move = ++moves_;
    record.previous = previous;
    record.from = from;
    record.to = to;
    auto ended = driver_.drive(record);
    retired_at_[at(record.move)] = wall_time();
    ended_at_[at(record.move)] = world_.now();
    ++result_.moves;
    if (is_success(ended.progress.state)) ++result_.succeeded;
    if (ended.progress.state == MoveState::quarantined) ++result_.quarantined;
    world_.heal();
    // Whatever is still on its way arrives now.
    world_.advance(latest_delivery);
    if (Migration::recovered(ended.progress, "again", rules_).next()) {
      world_.violation("a second recovery does something");
    }
    for (int i = 0; i < 3 && ended.progress.left_over; ++i) ended = driver_.tidy(ended);
    if (ended.progress.left_over) world_.violation("a left-over is never tidied");
    if (fine()) check_end(ended);
    return ended;
  }

  /// Back to where it came from, or on to a third host, while the first retirement is held.
  void undo(const SimRecord& first) {
    const int to = world_.draw(3) == 0 ? 2 : 0;
    world_.trouble_again();
    const auto second = move(1, to, first.move);
    if (!to_clean({retired(first, true)}, {}, wall_time() + std::chrono::hours{48}).empty()) {
      world_.violation("I3 an undo under way does not hold what it may need");
    }
    if (fine() && is_success(second.progress.state)) clean(second);
  }

  void clean(SimRecord ended) {
    // Two hours either way: the clock may have been set meanwhile.
    const bool young = world_.now() - ended_at_[at(ended.move)] < 20 * hour;
    if (young && !to_clean({retired(ended, false)}, {}, wall_time()).empty()) {
      world_.violation("I3 cleaned at once");
    }
    world_.advance(28 * hour);
    if (to_clean({retired(ended, false)}, {}, wall_time()).empty()) {
      world_.violation("a retention never ends");
    }
    world_.may_clean = true;
    world_.trouble_again();
    ended = driver_.tidy(ended);
    world_.heal();
    world_.advance(latest_delivery);
    if (ended.progress.state != MoveState::cleaned) ended = driver_.tidy(ended);
    world_.may_clean = false;
    if (ended.progress.state != MoveState::cleaned) world_.violation("it cannot be cleaned");
  }

  [[nodiscard]] TimePoint wall_time() const {
    return TimePoint{std::chrono::hours{1'000'000}} + Duration{world_.now() + world_.wall_offset};
  }

  [[nodiscard]] RetiredSource retired(const SimRecord& record, bool held) const {
    return {MoveId{std::to_string(record.move)}, HostId{"h"}, retired_at_[at(record.move)],
            Bytes{1}, held};
  }

  void check_end(const SimRecord& ended) {
    const MoveState state = ended.progress.state;
    if (state == MoveState::quarantined) {
      check_quarantine();
      return;
    }
    const bool success = is_success(state);
    if (!success && state != MoveState::rolled_back) world_.violation("it ended nowhere");
    for (int member = 0; member < world_.members; ++member) {
      check_holder(member, success ? ended.to : ended.from);
    }
    if (success) return;
    for (int index = 0; index < host_count; ++index) {
      for (const auto& container : world_.host(index).containers()) {
        if (container.label == ended.move) world_.violation("a copy is left over");
      }
    }
    if (world_.host(ended.to).has_traces_of(ended.move)) world_.violation("traces are left over");
  }

  void check_holder(int member, int host) {
    const auto& holder = world_.holders[at(member)];
    if (holder.removed_by_person) return;
    const auto* container = world_.host(holder.host).find(holder.container);
    if (container == nullptr || holder.host != host) {
      world_.violation("the wrong copy counts");
      return;
    }
    if (container->name != NameKind::final_name) world_.violation("its name is not its own");
    if (container->policy != world_.policy) world_.violation("its restart policy is not its own");
    if (!world_.host(host).healthy(*container) && !holder.may_be_down) {
      world_.violation("in the end no healthy copy runs");
    }
  }

  /// A person is needed only where a person was at work, or where there was no lease.
  void check_quarantine() {
    bool person = false;
    for (const auto& holder : world_.holders) person = person || holder.removed_by_person;
    person = person || world_.labels_alone;
    if (!person && rules_.lease.count() > 0) world_.violation("quarantined without need");
    quarantined_ = true;
  }

  void nothing_is_left() {
    if (quarantined_) return;
    for (int index = 0; index < host_count; ++index) {
      for (const auto& container : world_.host(index).containers()) {
        if (container.name != NameKind::final_name) world_.violation("something is left over");
      }
      for (int move = 1; move <= moves_; ++move) {
        if (world_.host(index).has_traces_of(move)) world_.violation("traces are left over");
      }
    }
  }

  SimWorld world_;
  MoveRules rules_;
  SimDriver driver_;
  SimResult result_;
  std::array<TimePoint, moves_max> retired_at_{};
  std::array<Ms, moves_max> ended_at_{};
  int moves_ = 0;
  bool quarantined_ = false;
};

}  // namespace

SimResult simulate(std::uint64_t seed, const SimOptions& options) {
  return Story{seed, options}.tell();
}

}  // namespace plimsoll::move_sim
