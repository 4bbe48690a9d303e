// Seeded moves in a simulated world (tests/sim): everything of MIGRATION's "Faults to survive", at
// each act, before it, after it and after its record; orders that take effect half an hour late.
// Oracles I1 to I5 after every event, journals destroyed so that labels must do (I6); then the
// world heals, and each move must end with one healthy copy of each member, nothing left over, and
// nothing to do for a second recovery.
//
// Planted bugs, each caught here (PlantedBug.IsCaught): the source is started before the copy is
// proven stopped; the final name and policy come before the commit; hosts obey late orders; an
// order to start does not name its lease; a renewal counts from its arrival.
//
// Sensitivity: each of these lines of src/move was broken once, and
// ExactlyOneHealthyCopyRunsInTheEnd turned red: stop_destination taken out of way_back, or put
// behind start_source (I1); the lease not waited out (I1); recovered() going back from Committed,
// or from a started copy without a look (I2); order numbers that do not rise, or not with the
// epoch; not_found of the source tried again (no end); commit_unknown not looked at (I2); left_over
// not kept; unfence_source taken out of way_back; in observed.cpp, a copy that has run taken back
// (I2), a retired source that runs taken as retired.
//
// The nightly million: build/dev/src/move/move_sim --seeds 1000000
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "move/move_state.h"
#include "sim/simulation.h"

namespace plimsoll {
namespace {

using move_sim::Coverage;
using move_sim::Fault;
using move_sim::Mutation;
using move_sim::SimOptions;
using move_sim::simulate;

constexpr std::uint64_t seeds = 20'000;

std::vector<std::uint64_t> bad_seeds() {
  std::ifstream file{PLIMSOLL_TEST_DATA "/../sim/seeds.txt"};
  std::vector<std::uint64_t> found;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::uint64_t seed = 0;
    if (words >> seed) found.push_back(seed);
  }
  return found;
}

TEST(MigrationSimulation, ExactlyOneHealthyCopyRunsInTheEnd) {
  int succeeded = 0;
  int moves = 0;
  Coverage coverage{};
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto result = simulate(seed);
    ASSERT_EQ(result.broken, "") << "move_sim --seed " << seed;
    succeeded += result.succeeded;
    moves += result.moves;
    for (std::size_t act = 0; act < coverage.size(); ++act) {
      for (std::size_t fault = 0; fault < move_sim::faults; ++fault) {
        for (std::size_t hook = 0; hook < move_sim::hooks; ++hook) {
          coverage[act][fault][hook] += result.coverage[act][fault][hook];
        }
      }
    }
  }
  // A simulation in which hardly anything succeeds or fails would prove nothing.
  EXPECT_GT(succeeded, moves / 4);
  EXPECT_LT(succeeded, moves * 3 / 4);
  // Each fault befell each act at each moment; those of a clean-up come by chance alone.
  for (std::size_t act = 0; act < coverage.size(); ++act) {
    const auto& of_act = coverage[act];
    if (static_cast<Act>(act) == Act::clean) continue;
    for (std::size_t fault = 0; fault < move_sim::faults; ++fault) {
      for (std::size_t hook = 0; hook < move_sim::hooks; ++hook) {
        EXPECT_GT(of_act[fault][hook], 0U)
            << move_sim::fault_name(static_cast<Fault>(fault)) << " never befell "
            << act_name(static_cast<Act>(act)) << " at hook " << hook;
      }
    }
  }
}

TEST(MigrationSimulation, SeedsThatOnceFoundSomethingFindNothingMore) {
  ASSERT_FALSE(bad_seeds().empty());
  for (const auto seed : bad_seeds()) {
    EXPECT_EQ(simulate(seed).broken, "") << "move_sim --seed " << seed;
  }
}

TEST(MigrationSimulation, TheSameSeedIsTheSameStory) {
  for (std::uint64_t seed = 0; seed < seeds; seed += 97) {
    EXPECT_EQ(simulate(seed).digest, simulate(seed).digest) << seed;
  }
  const SimOptions traced{.keep_trace = true};
  EXPECT_EQ(simulate(1, traced).trace, simulate(1, traced).trace);
  EXPECT_NE(simulate(1).digest, simulate(2).digest);
}

class PlantedBug : public testing::TestWithParam<Mutation> {};

TEST_P(PlantedBug, IsCaught) {
  const SimOptions options{.mutation = GetParam()};
  std::string broken;
  for (std::uint64_t seed = 0; seed < seeds && broken.empty(); ++seed) {
    broken = simulate(seed, options).broken;
  }
  EXPECT_NE(broken, "") << "no oracle saw it in " << seeds << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedBug,
                         testing::Values(Mutation::source_before_proof,
                                         Mutation::name_before_commit, Mutation::late_orders_obeyed,
                                         Mutation::lease_not_named, Mutation::lease_from_now),
                         [](const auto& tested) {
                           return std::string{move_sim::mutation_name(tested.param)};
                         });

}  // namespace
}  // namespace plimsoll
