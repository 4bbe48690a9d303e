// A conversation for `plimsoll decide`: a fleet and its steps, 5 minutes apart, each container's
// load jumping about a level of its own, as on shared machines. The same seed gives the same lines.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace {

struct Options {
  int hosts = 120;
  int containers = 1500;
  int steps = 287;
  std::uint64_t seed = 1;
  double load = 0.6;  ///< Of all capacity, about.
};

/// `%` and not a distribution, so that a seed gives the same everywhere.
class Lines {
 public:
  explicit Lines(const Options& options) : options_(options), random_(options.seed) {}

  void fleet() {
    std::string line = R"({"policy":{},"hosts":[)";
    for (int i = 0; i < options_.hosts; ++i) {
      line += fmt::format(R"({}{{"name":"host-{}","cpu":{},"memory_bytes":64000000000}})",
                          i == 0 ? "" : ",", i, i % 2 == 0 ? 3720 : 5320);
    }
    line += R"(],"containers":[)";
    for (int i = 0; i < options_.containers; ++i) {
      levels_.push_back(0.05 + 1.4 * options_.load * share());
      line += fmt::format(R"({}{{"name":"service-{}","host":"host-{}","move_bytes":{}}})",
                          i == 0 ? "" : ",", i, i % options_.hosts, 100'000'000 + i * 100'000);
    }
    std::puts((line + "]}").c_str());
  }

  void step(int number) {
    const double size = 4520.0 * options_.hosts / options_.containers;
    std::string line = fmt::format(R"({{"time":{},"containers":{{)", 300 * number);
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const double jump = random_() % 20 == 0 ? 2.5 : 0.6 + 0.8 * share();
      line += fmt::format(R"({}"service-{}":{{"cpu":{:.1f},"memory_bytes":{}}})", i == 0 ? "" : ",",
                          i, size * levels_[i] * jump, 500'000'000 + random_() % 500'000'000);
    }
    std::puts((line + "}}").c_str());
  }

 private:
  double share() { return static_cast<double>(random_() % 1000) / 1000; }

  Options options_;
  std::mt19937_64 random_;
  std::vector<double> levels_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Writes a conversation for plimsoll decide"};
  app.add_option("--hosts", options.hosts)->check(CLI::PositiveNumber);
  app.add_option("--containers", options.containers)->check(CLI::PositiveNumber);
  app.add_option("--steps", options.steps)->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed);
  app.add_option("--load", options.load)->check(CLI::Range(0.0, 2.0));
  CLI11_PARSE(app, argc, argv);
  Lines lines{options};
  lines.fleet();
  for (int i = 0; i < options.steps; ++i) lines.step(i);
}
