#pragma once

#include "move/migration.h"
#include "move/observed.h"
#include "move/precopy.h"
#include "sim/sim_world.h"

namespace plimsoll::move_sim {

inline constexpr std::size_t members_max = 3;

/// What the journal keeps of a move.
struct SimRecord {
  int move = 0;
  int previous = 0;  ///< The move that made the containers this one takes up; 0: none.
  int from = 0, to = 0;
  int owner = 1;
  std::uint64_t epoch = 0;
  bool commit_unknown = false;
  MoveProgress progress;
  std::array<int, members_max> source{};
  std::array<int, members_max> spec{};
  std::vector<PrecopyRound> rounds;
};

/// The acts as the real ones are meant to be: look, act, look again, for each member in turn.
class SimActs {
 public:
  SimActs(SimWorld& world, const MoveRules& rules) : world_(world), rules_(rules) {}

  [[nodiscard]] Outcome perform(const Command& command, SimRecord& record);
  /// Fills in what both hosts show of the record's move; whether both could be asked.
  [[nodiscard]] bool read_labels(SimRecord& record);

 private:
  using Failure = std::optional<Errc>;

  [[nodiscard]] SimOrder order(Ask ask) const;
  SimAnswer ask(int host, Ask what);
  SimAnswer look(int host) { return ask(host, Ask::look); }
  Failure source(Ask what, int member, Policy policy = Policy::no,
                 NameKind name = NameKind::final_name);
  Failure copy(Ask what, int member, Ms until = 0, int boot = 0);
  [[nodiscard]] const SimContainer* source_in(const SimAnswer& seen, int member) const;
  [[nodiscard]] const SimContainer* copy_in(const SimAnswer& seen, int member) const;
  /// Under its own name.
  [[nodiscard]] const SimContainer* own_in(const SimAnswer& seen, int member) const;
  [[nodiscard]] bool replaced_in(const SimAnswer& seen, int member) const;

  Failure carry_out(Act act);
  Failure preflight();
  Failure take_up_sources(const SimAnswer& seen);
  Failure stage_image();
  Failure create_destination();
  Failure send_all(bool final_round);
  Failure precopy();
  Failure fence_source();
  Failure stop_source();
  Failure final_sync();
  Failure start_destination();
  Failure check_destination();
  Failure finish_destination();
  Failure redirect();
  Failure retire_source();
  Failure clean();
  Failure stop_destination();
  Failure start_source();
  Failure start_source_member(const SimAnswer& seen, int member);
  Failure unfence_source();
  Failure remove_destination();

  SimWorld& world_;
  const MoveRules& rules_;
  SimRecord* record_ = nullptr;
  std::uint64_t number_ = 0;
  bool again_ = false;
};

}  // namespace plimsoll::move_sim
