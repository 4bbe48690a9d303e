// Seeded moves over a small world: each act may fail before its effect, after it, or take effect
// late; the driver may crash between journal and act, and is then recovered from the journal alone.
// Oracles: never two running writers (I1), always a complete copy (I2), and in the end exactly one
// runs, whatever happened.
#include <gtest/gtest.h>

#include <random>

#include "move/migration.h"

namespace plimsoll {
namespace {

struct World {
  bool source_running = true;
  bool source_fenced = false;
  bool source_retired = false;
  bool copy_exists = false;
  bool copy_complete = false;
  bool copy_running = false;

  [[nodiscard]] bool one_writer_at_most() const { return !(source_running && copy_running); }
};

/// The effect of an act that happens.
void take_effect(World& world, Act act) {
  switch (act) {
    case Act::preflight:
    case Act::stage_image:
    case Act::precopy:
    case Act::check_destination:
    case Act::commit:
    case Act::redirect:
    case Act::clean:
    case Act::finish_destination:
      return;
    case Act::create_destination:
      world.copy_exists = true;
      return;
    case Act::fence_source:
      world.source_fenced = true;
      return;
    case Act::stop_source:
      world.source_running = false;
      return;
    case Act::final_sync:
      world.copy_complete = !world.source_running && world.copy_exists;
      return;
    case Act::start_destination:
      world.copy_running = world.copy_exists;
      return;
    case Act::retire_source:
      world.source_retired = true;
      return;
    case Act::stop_destination:
      world.copy_running = false;
      return;
    case Act::start_source:
      world.source_running = true;
      return;
    case Act::unfence_source:
      world.source_fenced = false;
      return;
    case Act::remove_destination:
      world.copy_exists = world.copy_running = false;
      return;
  }
}

const MoveRules rules{.patience = {.tries = 1000, .pause = Duration{0}}};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : random_(seed), fault_percent_(random_() % 40) {}

  void run() {
    Migration migration{rules};
    MoveProgress journal = migration.progress();
    for (int steps = 0; migration.next(); ++steps) {
      ASSERT_LT(steps, 5000) << "no end";
      // After a while the world heals: then every move must end.
      if (steps > 200) fault_percent_ = 0;
      const Act act = migration.next()->act;
      journal = migration.progress();
      if (act == Act::commit) {
        migration.on(Done{});
        journal = migration.progress();
      } else {
        migration.on(perform(act));
      }
      ASSERT_TRUE(world_.one_writer_at_most()) << act_name(act);
      if (act == Act::start_destination && world_.copy_running) {
        ASSERT_TRUE(world_.copy_complete) << "an incomplete copy runs";
      }
      if (faulty()) migration = Migration::recovered(journal, "crash", rules);
    }
    check_end(migration.state());
  }

 private:
  bool faulty() { return random_() % 100 < fault_percent_; }

  Outcome perform(Act act) {
    Failed lost{Error{Errc::timeout, "lost"}};
    if (faulty()) return lost;
    take_effect(world_, act);
    if (act == Act::check_destination && !world_.copy_running) return lost;
    if (faulty()) return lost;
    return Done{};
  }

  void check_end(MoveState state) const {
    if (is_success(state)) {
      EXPECT_TRUE(world_.copy_running && world_.copy_complete && !world_.source_running);
      EXPECT_TRUE(world_.source_retired);
    } else {
      EXPECT_EQ(state, MoveState::rolled_back);
      EXPECT_TRUE(world_.source_running && !world_.copy_running);
      EXPECT_FALSE(world_.source_fenced);
    }
  }

  World world_;
  std::mt19937_64 random_;
  std::uint64_t fault_percent_;
};

TEST(MigrationSimulation, ExactlyOneCopyRunsInTheEnd) {
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation{seed};
    simulation.run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace plimsoll
