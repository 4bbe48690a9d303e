// How far our plans are from the exact optimum: random small fleets, solved by CBC for the least
// possible peak load and for the fewest moves that reach it, and planned by decide().
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "decide/decide.h"

namespace {

using namespace plimsoll;

constexpr std::size_t resources = 2;  // CPU, memory
using Amounts = std::array<double, resources>;

struct Fleet {
  std::vector<Amounts> hosts;
  std::vector<Amounts> containers;
  std::vector<std::size_t> places;
};

struct Options {
  std::uint64_t first = 1;
  std::uint64_t count = 200;
  double seconds = 20;
  std::string folder;
};

/// The host with the most room for its size, by CPU.
std::size_t emptiest(const Fleet& fleet, std::size_t placed) {
  std::vector<double> used(fleet.hosts.size());
  for (std::size_t i = 0; i < placed; ++i) used[fleet.places[i]] += fleet.containers[i][0];
  std::size_t best = 0;
  for (std::size_t h = 1; h < used.size(); ++h) {
    if (used[h] / fleet.hosts[h][0] < used[best] / fleet.hosts[best][0]) best = h;
  }
  return best;
}

/// 3 to 12 hosts of three sizes, 3 to 5 containers each, half to two thirds of CPU and memory in
/// use; every fifth container crowds on a third of the hosts.
Fleet make_fleet(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const auto share = [&] { return static_cast<double>(below(1'000'000)) / 1e6; };
  Fleet fleet;
  Amounts room{};
  const std::size_t hosts = 3 + below(10);
  for (std::size_t i = 0; i < hosts; ++i) {
    const double size = std::array{8.0, 16.0, 32.0}.at(below(3));
    fleet.hosts.push_back({size, size * 4});
    for (std::size_t r = 0; r < resources; ++r) room[r] += fleet.hosts.back()[r];
  }
  const std::size_t containers = std::min<std::size_t>(60, hosts * (3 + below(3)));
  Amounts sums{};
  for (std::size_t i = 0; i < containers; ++i) {
    Amounts wants{0.2 + share() * share(), 0.2 + share() * share()};
    for (std::size_t r = 0; r < resources; ++r) sums[r] += wants[r];
    fleet.containers.push_back(wants);
    fleet.places.push_back(below(5) == 0 ? below(1 + hosts / 3) : emptiest(fleet, i));
  }
  const double density = 0.5 + share() / 6;
  for (Amounts& wants : fleet.containers) {
    wants[0] *= density * room[0] / sums[0];
    wants[1] *= 0.8 * density * room[1] / sums[1];
  }
  return fleet;
}

double peak_of(const Fleet& fleet, const std::vector<std::size_t>& places) {
  std::vector<Amounts> used(fleet.hosts.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t r = 0; r < resources; ++r) used[places[i]][r] += fleet.containers[i][r];
  }
  double peak = 0;
  for (std::size_t h = 0; h < used.size(); ++h) {
    for (std::size_t r = 0; r < resources; ++r) {
      peak = std::max(peak, used[h][r] / fleet.hosts[h][r]);
    }
  }
  return peak;
}

std::string number_of_moves(const Fleet& fleet) {
  std::string text;
  for (std::size_t i = 0; i < fleet.containers.size(); ++i) {
    for (std::size_t h = 0; h < fleet.hosts.size(); ++h) {
      if (h != fleet.places[i]) text += fmt::format(" + x{}_{}\n", i, h);
    }
  }
  return text;
}

/// In CPLEX's LP format: the least peak, or, with a peak given, the fewest moves.
std::string program_of(const Fleet& fleet, std::optional<double> peak) {
  std::string text = "Minimize\n obj: " + (peak ? number_of_moves(fleet) : "P");
  text += "\nSubject To\n";
  for (std::size_t i = 0; i < fleet.containers.size(); ++i) {
    text += fmt::format(" one{}:", i);
    for (std::size_t h = 0; h < fleet.hosts.size(); ++h) text += fmt::format(" + x{}_{}", i, h);
    text += " = 1\n";
  }
  for (std::size_t h = 0; h < fleet.hosts.size(); ++h) {
    for (std::size_t r = 0; r < resources; ++r) {
      text += fmt::format(" room{}_{}:", h, r);
      for (std::size_t i = 0; i < fleet.containers.size(); ++i) {
        text += fmt::format(" + {:.9f} x{}_{}\n", fleet.containers[i][r], i, h);
      }
      const double room = fleet.hosts[h][r];
      text += peak ? fmt::format(" <= {:.9f}\n", room * *peak * (1 + 1e-6))
                   : fmt::format(" - {:.9f} P <= 0\n", room);
    }
  }
  text += "Binary\n";
  for (std::size_t i = 0; i < fleet.containers.size(); ++i) {
    for (std::size_t h = 0; h < fleet.hosts.size(); ++h) text += fmt::format(" x{}_{}\n", i, h);
  }
  return text + "End\n";
}

struct Solution {
  double value = 0;
  bool proven = false;
};

std::optional<Solution> solve(const std::string& program, const Options& options) {
  const std::string problem = options.folder + "/problem.lp";
  const std::string answer = options.folder + "/answer";
  std::ofstream{problem} << program;
  std::remove(answer.c_str());
  const std::string command =
      fmt::format("cbc '{}' sec {:.0f} ratio 0.0005 solve solution '{}' >/dev/null 2>&1", problem,
                  options.seconds, answer);
  if (std::system(command.c_str()) != 0) return std::nullopt;  // NOLINT: a name of our own
  std::ifstream file{answer};
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto value = line.rfind(' ');
  if (value == std::string::npos || line.find("nfeasible") != std::string::npos) {
    return std::nullopt;
  }
  return Solution{std::strtod(line.c_str() + value, nullptr), line.starts_with("Optimal")};
}

constexpr TimePoint now{std::chrono::hours{500'000}};

FleetSnapshot snapshot_of(const Fleet& fleet) {
  FleetSnapshot snapshot;
  std::vector<Amounts> used(fleet.hosts.size());
  for (std::size_t h = 0; h < fleet.hosts.size(); ++h) {
    HostState host;
    host.name = HostId{fmt::format("h{:02}", h)};
    const Bytes memory{static_cast<std::uint64_t>(fleet.hosts[h][1] * 1e9)};
    host.capacity = {fleet.hosts[h][0], memory, Bytes{1000 * gib}, Bytes{1000 * gib}};
    host.up = host.detailed = true;
    host.last_seen = now;
    snapshot.hosts.push_back(std::move(host));
  }
  for (std::size_t i = 0; i < fleet.containers.size(); ++i) {
    const Amounts& wants = fleet.containers[i];
    ContainerState container;
    container.name = ContainerName{fmt::format("c{:02}", i)};
    container.cpu_cores = wants[0];
    container.memory = Bytes{static_cast<std::uint64_t>(wants[1] * 1e9)};
    container.image_bytes = container.writable_bytes = container.volume_bytes = Bytes{};
    snapshot.hosts[fleet.places[i]].containers.push_back(std::move(container));
    for (std::size_t r = 0; r < resources; ++r) used[fleet.places[i]][r] += wants[r];
  }
  for (std::size_t h = 0; h < fleet.hosts.size(); ++h) {
    const Utilisation load{used[h][0] / fleet.hosts[h][0] * 100,
                           used[h][1] / fleet.hosts[h][1] * 100, 10, std::nullopt};
    for (int i = 20; i >= 0; --i) {
      snapshot.hosts[h].samples.push_back({now - i * std::chrono::seconds{5}, load});
    }
  }
  return snapshot;
}

/// No limits at once, no price: only where the line lies.
Policy policy_with_line(double share) {
  Policy policy;
  policy.detector = Detector::threshold;
  policy.line = {.cpu = share * 100, .memory = share * 100, .storage = 100};
  policy.target = 1;
  policy.moves_in_fleet = policy.moves_per_host = 1'000;
  policy.min_gain = policy.explain_share = 0;
  policy.horizon = std::chrono::hours{1'000'000};
  return policy;
}

struct Planned {
  double peak = 0;
  std::size_t moves = 0;
};

/// Decided again once all moves have landed, until there are none, as the loop does it.
Planned plan(Fleet fleet, double line) {
  constexpr int rounds_max = 20;
  std::size_t moves = 0;
  for (int round = 0; round < rounds_max; ++round) {
    const Plan plan = decide(snapshot_of(fleet), policy_with_line(line), now);
    if (plan.moves.empty()) break;
    moves += plan.moves.size();
    for (const Move& move : plan.moves) {
      const auto which = std::strtoul(move.container.str().c_str() + 1, nullptr, 10);
      fleet.places[which] = std::strtoul(move.to.str().c_str() + 1, nullptr, 10);
    }
  }
  return {peak_of(fleet, fleet.places), moves};
}

/// With the line laid ever higher above the mean load, in steps of half a percent: the lowest peak
/// that a plan reaches, of equal ones the one with fewer moves.
Planned best_plan(const Fleet& fleet) {
  const double begin = peak_of(fleet, fleet.places);
  Planned best{begin, 0};
  Amounts room{};
  Amounts sums{};
  for (const Amounts& host : fleet.hosts) {
    for (std::size_t r = 0; r < resources; ++r) room[r] += host[r];
  }
  for (const Amounts& wants : fleet.containers) {
    for (std::size_t r = 0; r < resources; ++r) sums[r] += wants[r];
  }
  double line = std::max(sums[0] / room[0], sums[1] / room[1]);
  while (line < begin) {
    const Planned planned = plan(fleet, line);
    const double difference = planned.peak - best.peak;
    if (difference < -1e-9 || (difference < 1e-9 && planned.moves < best.moves)) best = planned;
    line *= 1.005;
  }
  return best;
}

void report(std::vector<double> ratios, std::size_t fewer, std::size_t close,
            std::size_t unproven) {
  std::sort(ratios.begin(), ratios.end());
  const auto at = [&](double share) {
    return ratios[static_cast<std::size_t>(share * static_cast<double>(ratios.size() - 1))];
  };
  fmt::print(
      "{} fleets: peak over the optimum: median {:.3f}, 90 % {:.3f}, 95 % {:.3f}, worst {:.3f}; "
      "at most 1.05 in {}, of these with no more moves than the optimum needs {}; not proven by "
      "the "
      "solver in time: {}\n",
      ratios.size(), at(0.5), at(0.9), at(0.95), ratios.back(), close, fewer, unproven);
}

int run(const Options& options) {
  std::vector<double> ratios;
  std::size_t fewer = 0;
  std::size_t close = 0;
  std::size_t unproven = 0;
  for (std::uint64_t seed = options.first; seed < options.first + options.count; ++seed) {
    const Fleet fleet = make_fleet(seed);
    const auto peak = solve(program_of(fleet, std::nullopt), options);
    const auto moves = peak ? solve(program_of(fleet, peak->value), options) : std::nullopt;
    if (!moves) {
      fmt::print(stderr, "seed {}: cbc gave no answer; is coinor-cbc installed?\n", seed);
      return 1;
    }
    const Planned ours = best_plan(fleet);
    const double ratio = ours.peak / peak->value;
    const bool few = static_cast<double>(ours.moves) <= moves->value + 0.5;
    ratios.push_back(ratio);
    close += static_cast<std::size_t>(ratio <= 1.05);
    fewer += static_cast<std::size_t>(ratio <= 1.05 && few);
    unproven += static_cast<std::size_t>(!peak->proven || !moves->proven);
    fmt::print(stderr,
               "{} {} x {}: began {:.3f} optimum {:.4f}{} in {:.0f}{}; ours {:.4f} in {}: {:.3f}\n",
               seed, fleet.hosts.size(), fleet.containers.size(), peak_of(fleet, fleet.places),
               peak->value, peak->proven ? "" : "?", moves->value, moves->proven ? "" : "?",
               ours.peak, ours.moves, ratio);
  }
  report(std::move(ratios), fewer, close, unproven);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  CLI::App app{"How far plans are from the exact optimum"};
  app.add_option("--first", options.first, "Seed of the first fleet");
  app.add_option("--fleets", options.count, "How many")->check(CLI::Range(1, 100'000));
  app.add_option("--seconds", options.seconds, "For the solver, each time");
  app.add_option("FOLDER", options.folder, "For the solver's files")->required();
  CLI11_PARSE(app, count, words);
  return run(options);
}
