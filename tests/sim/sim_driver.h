#pragma once

#include "sim/sim_acts.h"

namespace plimsoll::move_sim {

/// The driver and its journal: intent on disk, act, outcome on disk; killed anywhere, and taken up
/// again from what is on disk.
class SimDriver {
 public:
  SimDriver(SimWorld& world, const MoveRules& rules) : world_(world), rules_(rules) {}

  /// Drives a reserved move to its end, whatever it takes. Gives what the journal says of it then.
  SimRecord drive(SimRecord reserved);
  /// What is still to be done for a move that has ended: Migration::tidying. In a healed world.
  SimRecord tidy(SimRecord ended);

 private:
  [[nodiscard]] bool recover();
  void read_labels();
  [[nodiscard]] MoveRules rules_of(const SimRecord& record) const;
  [[nodiscard]] bool run(Migration machine, SimRecord record);
  [[nodiscard]] bool step(Migration& machine, SimRecord& record, const Command& command);
  [[nodiscard]] bool write(const SimRecord& record);
  void keep(const SimRecord& record);
  void commit(const SimRecord& record);
  void heal_after_a_while();

  SimWorld& world_;
  const MoveRules& rules_;
  SimRecord disk_;
  std::uint64_t epochs_ = 0;
  int owner_ = 1;
  int steps_ = 0;
  int heals_after_ = 0;
};

}  // namespace plimsoll::move_sim
