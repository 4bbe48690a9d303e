#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "decide/decide.h"
#include "fleet/fleet_view.h"
#include "orchestrate/fleet_reader.h"
#include "orchestrate/journal.h"
#include "orchestrate/look_pace.h"
#include "orchestrate/move_driver.h"
#include "store/store.h"

namespace plimsoll {

/// Everything a decision or a move needs besides its own arguments. References outlive the users.
struct OrchestratorParts {
  asio::any_io_executor executor;
  Store& store;
  Journal& journal;
  std::function<HostList()> hosts;  ///< The list in force now.
  Policy policy;
  OrchestratorConfig config;
  SshConfig ssh;
  AgentCredentials agents;
  WallClock clock = wall_clock_now;
  MoveObserver* observer = nullptr;
};

/// A plan that nobody approved is out of date after this.
inline constexpr Duration plan_lives{10 * 60'000};

/// A plan and what could not be looked at while it was made.
struct PlanReport {
  Plan plan;
  std::vector<std::string> problems;
};

/// Reads the store, looks closer where it must, decides, and moves: the loop of DESIGN 6 and 7.
/// Also the same for one plan or one move by hand.
class Orchestrator {
 public:
  explicit Orchestrator(OrchestratorParts parts);

  /// What would be moved now. Errors: the store's and the journal's.
  [[nodiscard]] Task<Result<PlanReport>> plan();
  /// A move that a person asks for; its plan holds the move, or says why not.
  /// Errors: as plan().
  [[nodiscard]] Task<Result<PlanReport>> plan_by_hand(ManualMove wanted);

  /// Every container off a host, nothing carried out (plan_drain). Errors: as plan().
  [[nodiscard]] Task<Result<PlanReport>> plan_drain(HostId host);
  /// "Why not?" for a host or a container (explain()); what could not be looked at stands in front.
  /// Errors: as plan(); not_found.
  [[nodiscard]] Task<Result<std::string>> explain(std::string name);

  /// Puts a plan's moves into the journal (records_of), as waiting or as approved.
  /// Errors: the journal's.
  [[nodiscard]] Result<std::vector<MoveRecord>> propose(const std::vector<Move>& moves,
                                                        MoveState state = MoveState::planned);
  /// Puts the way back of a move into the journal, as waiting (undo_of).
  /// Errors: not_found; conflict - its source is not kept; the journal's.
  [[nodiscard]] Result<MoveRecord> propose_undo(const MoveId& id);
  /// Takes a waiting move into hand and drives it to its end.
  /// Errors: conflict - it, its container or its hosts are busy; the journal's.
  [[nodiscard]] Task<Result<MoveRecord>> run_move(MoveId id);

  /// The loop: recovers what was left under way, then evaluates until stop(). A cycle that fails is
  /// logged and does not end it.
  [[nodiscard]] Task<> run();
  /// Ends the loop; comes back when the moves under way have ended. A container may be stopped in
  /// the middle of one, so they are waited for.
  [[nodiscard]] Task<> stop();
  /// From the next decision on.
  void set_policy(Policy policy) { parts_.policy = std::move(policy); }
  [[nodiscard]] int moves_under_way() const { return driving_; }

 private:
  struct Reading {
    TimePoint at;  ///< What the fleet is judged by: looking closer takes seconds.
    FleetSnapshot fleet;
    std::vector<HostAssessment> hosts;
  };
  Task<Result<Reading>> read();
  Task<std::vector<std::string>> look_closer(FleetSnapshot* fleet, ReadingList list);
  Task<Result<PlanReport>> decide_on(Reading reading);
  Task<> recover();
  Task<> cycle();
  Task<> drive_in_background(MoveId id, Take take);
  Task<bool> may_begin(MoveId id);
  Task<Result<std::string>> reason_not_to_begin(MoveRecord record);
  Task<> drive_and_tell(MoveId id, Take take);
  Task<Result<MoveRecord>> drive(MoveRecord record, Take take);
  void say_changes(const std::vector<HostAssessment>& hosts);
  void start_approved();
  bool take(const PlanReport& report);
  /// Whether there is anything that was not known or waiting before.
  bool take_moves(const std::vector<Move>& moves);
  [[nodiscard]] bool has_its_turn(const MoveRecord& record);
  void tidy();
  Task<> tidy_one(MoveId id);
  void use_up(const MoveRecord& undo);
  [[nodiscard]] MoveRules rules_of(const MoveRecord& record) const;
  void expire(const MoveRecord& record, const std::string& why);
  [[nodiscard]] bool waits_already(const Move& move);

  OrchestratorParts parts_;
  ReadingMemory memory_;
  FleetReader reader_;
  std::uint64_t epoch_ = 0;
  std::set<HostId> over_line_;
  std::set<std::string> said_;  ///< Lines not to be repeated each cycle.
  std::set<MoveId> starting_;   ///< Approved, and spawned, but not reserved yet.
  LookPace pace_;
  std::chrono::steady_clock::time_point tidy_again_;
  asio::steady_timer wake_;
  int driving_ = 0;
  bool running_ = false;
  bool stopping_ = false;
};

}  // namespace plimsoll
