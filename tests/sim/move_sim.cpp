// Seeded moves in any number: `move_sim --seeds 1000000`, `move_sim --seed 42` with its trace.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "sim/simulation.h"

namespace {

using plimsoll::move_sim::Mutation;
using plimsoll::move_sim::SimOptions;

constexpr const char* usage =
    "Usage: move_sim [--seeds N] [--from N] [--seed N] [--mutation NAME]\n\n"
    "Simulates moves with everything going wrong, one story a seed, until an oracle is broken.\n\n"
    "  --seeds N        how many (20000)\n"
    "  --from N         the first one (0)\n"
    "  --seed N         this one alone, with its trace\n"
    "  --mutation NAME  with a rule of safety broken on purpose: source_before_proof,\n"
    "                   name_before_commit, late_orders_obeyed, lease_not_named, lease_from_now\n\n"
    "Exit status: 0 nothing broken, 1 an oracle was, 2 wrong usage.\n";

struct Arguments {
  std::uint64_t from = 0;
  std::uint64_t seeds = 20'000;
  bool trace = false;
  SimOptions options;
};

bool read_mutation(std::string_view name, Mutation& mutation) {
  for (int i = 0; i < static_cast<int>(Mutation::count); ++i) {
    mutation = static_cast<Mutation>(i);
    if (name == plimsoll::move_sim::mutation_name(mutation)) return true;
  }
  return false;
}

bool read(int count, char** words, Arguments& arguments) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view option = words[i];
    if (option == "--mutation") {
      if (!read_mutation(words[i + 1], arguments.options.mutation)) return false;
      continue;
    }
    const auto value = std::strtoull(words[i + 1], nullptr, 10);
    if (option == "--seeds") {
      arguments.seeds = value;
    } else if (option == "--from") {
      arguments.from = value;
    } else if (option == "--seed") {
      arguments.from = value;
      arguments.seeds = 1;
      arguments.options.keep_trace = true;
    } else {
      return false;
    }
  }
  return count % 2 == 1;
}

int run(const Arguments& arguments) {
  const auto begun = std::chrono::steady_clock::now();
  std::uint64_t moves = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t quarantined = 0;
  for (std::uint64_t seed = arguments.from; seed < arguments.from + arguments.seeds; ++seed) {
    const auto result = plimsoll::move_sim::simulate(seed, arguments.options);
    fmt::print("{}", result.trace);
    if (!result.broken.empty()) {
      fmt::print("FAIL seed {}: {}\n", seed, result.broken);
      return 1;
    }
    moves += static_cast<std::uint64_t>(result.moves);
    succeeded += static_cast<std::uint64_t>(result.succeeded);
    quarantined += static_cast<std::uint64_t>(result.quarantined);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  fmt::print("ok {} moves of {} seeds: {} succeeded, {} rolled back, {} for a person; {:.1f} s\n",
             moves, arguments.seeds, succeeded, moves - succeeded - quarantined, quarantined,
             took.count());
  return 0;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  if (!read(count, words, arguments)) {
    fmt::print("{}", usage);
    return 2;
  }
  return run(arguments);
}
