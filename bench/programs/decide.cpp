// How long decide() takes on fleets of several sizes: the first move, and a plan without limits.
// Loads jump about a level of their own; a fifth of the hosts is too full. The same seed gives the
// same fleet. Times are CPU time, the least of several runs: decide() waits for nothing, and the
// machine may be busy.
#include "decide/decide.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <limits>
#include <random>
#include <string>

#include "decide/policy.h"

namespace {

using namespace plimsoll;

struct Size {
  std::size_t hosts = 0;
  std::size_t containers = 0;
};

struct Options {
  std::uint64_t seed = 1;
  int runs = 5;
  bool samples = true;
  Size only;
};

constexpr double cores = 32;
constexpr int history = 36;

class Fleet {
 public:
  Fleet(Size size, const Options& options) : random_(options.seed), samples_(options.samples) {
    for (std::size_t i = 0; i < size.hosts; ++i) add_host(i);
    for (std::size_t i = 0; i < size.containers; ++i) add_container(size, i);
    for (HostState& host : fleet_.hosts) finish(host);
  }
  [[nodiscard]] const FleetSnapshot& snapshot() const { return fleet_; }
  [[nodiscard]] TimePoint now() const { return now_; }

 private:
  double share() { return static_cast<double>(random_() % 1'000'000) / 1e6; }

  void add_host(std::size_t number) {
    HostState host;
    host.name = HostId{fmt::format("host-{:05}", number)};
    host.capacity = {cores, Bytes{256 * gib}, Bytes{1000 * gib}, Bytes{500 * gib}};
    host.up = host.detailed = true;
    host.last_seen = now_;
    fleet_.hosts.push_back(std::move(host));
  }

  void add_container(Size size, std::size_t number) {
    HostState& host = fleet_.hosts[number % size.hosts];
    const bool full = number % size.hosts % 5 == 0;
    const double each = static_cast<double>(size.containers) / static_cast<double>(size.hosts);
    const double level = 2 * share() * (full ? 0.95 : 0.55) * cores / each;
    ContainerState container;
    container.name = ContainerName{fmt::format("service-{:06}", number)};
    container.image_bytes = Bytes{100 * mib};
    container.writable_bytes = container.volume_bytes = Bytes{};
    container.memory = Bytes{gib};
    container.cpu_cores = level;
    for (int i = 0; samples_ && i < history; ++i) {
      const TimePoint time = now_ - std::chrono::minutes{history - 1 - i};
      container.samples.push_back({time, level * (0.6 + 0.8 * share()), *container.memory});
    }
    if (samples_) container.cpu_cores = container.samples.back().cpu_cores;
    host.containers.push_back(std::move(container));
  }

  void finish(HostState& host) {
    double used = 0;
    for (const ContainerState& container : host.containers) used += container.cpu_cores.value_or(0);
    for (int i = 20; i >= 0; --i) {
      host.samples.push_back(
          {now_ - i * std::chrono::seconds{5}, {used / cores * 100, 30, 50, std::nullopt}});
    }
  }

  std::mt19937_64 random_;
  bool samples_;
  TimePoint now_{std::chrono::hours{500'000}};
  FleetSnapshot fleet_;
};

double cpu_ms() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double measure(const Fleet& fleet, const Policy& policy, int runs, std::size_t& moves) {
  double least = std::numeric_limits<double>::max();
  for (int run = 0; run < runs; ++run) {
    const double begin = cpu_ms();
    moves = decide(fleet.snapshot(), policy, fleet.now()).moves.size();
    least = std::min(least, cpu_ms() - begin);
  }
  return least;
}

void report(Size size, const Options& options) {
  const Fleet fleet{size, options};
  Policy first;
  first.moves_in_fleet = 1;
  Policy whole;
  whole.moves_in_fleet = whole.moves_per_host = whole.searches_max = 1'000'000;
  std::size_t moves = 0;
  const double one = measure(fleet, first, options.runs, moves);
  const double all = measure(fleet, whole, options.runs, moves);
  fmt::print(
      "{:>6} hosts {:>7} containers: first move {:>9.3f} ms, whole plan {:>9.2f} ms, {} moves\n",
      size.hosts, size.containers, one, all, moves);
}

}  // namespace

int main(int count, char** words) {
  Options options;
  CLI::App app{"How long decide() takes"};
  app.add_option("--seed", options.seed, "Seed of the fleets");
  app.add_option("--runs", options.runs, "Runs, of which the quickest counts");
  app.add_flag("!--no-samples", options.samples, "Containers without histories: lines, not spread");
  app.add_option("--hosts", options.only.hosts, "This size only");
  app.add_option("--containers", options.only.containers, "This size only");
  CLI11_PARSE(app, count, words);
  if (options.only.hosts > 0) return report(options.only, options), 0;
  for (const Size size : {Size{80, 1100}, Size{120, 1500}, Size{113, 15'769}, Size{1000, 20'000},
                          Size{10'000, 100'000}}) {
    report(size, options);
  }
  return 0;
}
