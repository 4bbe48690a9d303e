#include <fmt/format.h>

#include <chrono>

#include "commands.h"
#include "core/suggest.h"
#include "core/text.h"
#include "runtime/files.h"
#include "simulate/balancing_session.h"
#include "simulate/baseline.h"
#include "simulate/report.h"
#include "simulate/scenario_outcome.h"
#include "simulate/trace_export.h"

namespace plimsoll {
namespace {

struct Options {
  std::vector<std::string> files;
  std::vector<double> densities{0.5, 0.6, 0.7};
  std::vector<std::string> policies{"all"};
  std::vector<double> aggressiveness;
  std::string step = "5m";
  bool json = false;
  std::string html;
  std::string front;
};

constexpr const char* engine_policy = "default";
constexpr const char* idle_policy = "none";

/// One policy to be tried: a fresh Balancer for each fleet.
struct Candidate {
  std::string name;
  std::function<std::unique_ptr<Balancer>(const BalancingFleet&)> make;
};

std::vector<std::string> policy_names() {
  std::vector<std::string> names{idle_policy};
  for (const auto& rule : baseline_rules()) names.push_back(rule.name);
  names.emplace_back(engine_policy);
  return names;
}

/// Durations that the user gave are meant; the others are stretched to steps.
Pace pace_of(const Config& config) {
  Pace pace;
  const auto keep = [&](const char* key, double& steps) {
    if (config.given.contains(std::string{"orchestrator."} + key)) steps = 0;
  };
  keep("window", pace.window);
  keep("container_cooldown", pace.container_cooldown);
  keep("cooldown_max", pace.cooldown_max);
  keep("host_cooldown", pace.host_cooldown);
  keep("return_after", pace.return_after);
  keep("horizon", pace.horizon);
  return pace;
}

Candidate engine_candidate(std::string name, const Config& config) {
  return {std::move(name),
          [policy = config.policy, pace = pace_of(config)](const BalancingFleet& fleet) {
            return make_session_balancer(fleet, policy, pace);
          }};
}

class Simulation {
 public:
  Simulation(const Options& options, const CommandContext& context)
      : options_(options), context_(context) {}
  int run();

 private:
  Result<void> choose_policies();
  Result<void> add_policy(const std::string& name);
  Result<void> add_engine();
  Result<void> replay(const std::string& file);
  Result<void> replay_trace(const std::string& file);
  Result<void> replay_export(const std::string& file);
  void try_all(const BalancingFleet& fleet, double density);
  Result<void> print() const;

  const Options& options_;
  const CommandContext& context_;
  std::vector<Candidate> candidates_;
  std::vector<BalancingRun> runs_;
};

Result<void> Simulation::add_engine() {
  auto settings = options_.aggressiveness;
  const bool as_configured = settings.empty();
  if (as_configured) settings.push_back(0);
  for (const double setting : settings) {
    CommandContext context = context_;
    std::string name = engine_policy;
    if (!as_configured) {
      context.overrides.push_back(fmt::format("orchestrator.aggressiveness={:.6f}", setting));
      name += fmt::format(" {:.4g}", setting);
    }
    const auto config = context.try_config();
    if (!config) return config.error();
    candidates_.push_back(engine_candidate(std::move(name), *config));
  }
  return {};
}

Result<void> Simulation::add_policy(const std::string& name) {
  if (name == engine_policy) return add_engine();
  if (name == idle_policy) {
    candidates_.push_back(
        {name, [](const BalancingFleet&) { return std::make_unique<IdleBalancer>(); }});
    return {};
  }
  for (const auto& rule : baseline_rules()) {
    if (rule.name != name) continue;
    candidates_.push_back(
        {name, [rule](const BalancingFleet& fleet) { return make_baseline(fleet, rule); }});
    return {};
  }
  return Error{Errc::invalid,
               fmt::format("--policy: no policy '{}'{}; there is all, {}", printable(name, 40),
                           did_you_mean(name, policy_names()), fmt::join(policy_names(), ", "))};
}

Result<void> Simulation::choose_policies() {
  for (const auto& wanted : options_.policies) {
    const auto names = wanted == "all" ? policy_names() : std::vector<std::string>{wanted};
    for (const auto& name : names) {
      if (auto added = add_policy(name); !added) return added.error();
    }
  }
  return {};
}

void Simulation::try_all(const BalancingFleet& fleet, double density) {
  const Stopwatch stopwatch = [] {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
  };
  for (const auto& candidate : candidates_) {
    const auto balancer = candidate.make(fleet);
    auto run = run_balancing(fleet, *balancer, stopwatch);
    run.policy = candidate.name;
    run.density = density;
    runs_.push_back(std::move(run));
  }
}

Result<void> Simulation::replay_trace(const std::string& file) {
  const auto trace = read_trace_file(file);
  if (!trace) return trace.error();
  for (const double density : options_.densities) {
    const auto fleet = balancing_fleet(*trace, density);
    if (!fleet) return fleet.error().in("--density");
    try_all(*fleet, density);
  }
  return {};
}

Result<void> Simulation::replay_export(const std::string& file) {
  const auto step = parse_duration(options_.step);
  if (!step) return Error{Errc::invalid, "--step: " + step.error().message};
  if (step->count() < 1000) return Error{Errc::invalid, "--step: at least 1s"};
  const auto fleet = read_export_file(file, *step);
  if (!fleet) return fleet.error();
  try_all(*fleet, 0);
  return {};
}

Result<void> Simulation::replay(const std::string& file) {
  return is_export_file(file) ? replay_export(file) : replay_trace(file);
}

Result<void> Simulation::print() const {
  if (options_.json) {
    fmt::print("{}\n", balancing_json(runs_));
  } else {
    fmt::print("{}", balancing_text(runs_));
  }
  if (!options_.front.empty()) {
    const auto written = write_file_atomically(options_.front, front_svg(runs_));
    if (!written) return written.error();
  }
  if (options_.html.empty()) return {};
  return write_file_atomically(options_.html, balancing_html(runs_));
}

int Simulation::run() {
  if (const auto chosen = choose_policies(); !chosen) return fail(chosen.error());
  for (const auto& file : options_.files) {
    if (const auto done = replay(file); !done) return fail(done.error());
  }
  if (!options_.front.empty() && by_fleet(runs_).size() != 1) {
    return fail_usage("--front draws one fleet: give one file and one --density");
  }
  if (const auto printed = print(); !printed) return fail(printed.error());
  return exit_ok;
}

bool is_scenario(const std::string& file) { return file.ends_with(".toml"); }

/// A story as a test: the exit code says whether all came out as expected.
int tell_stories(const Options& options, const CommandContext& context) {
  if (!options.front.empty()) {
    return fail_usage("--front draws policies on a trace; for scenarios there is --html");
  }
  int code = exit_ok;
  std::vector<ScenarioOutcome> outcomes;
  for (const auto& file : options.files) {
    const auto text = read_file(file);
    if (!text) return fail(text.error());
    const auto scenario = read_scenario(*text, file);
    if (!scenario) return fail(scenario.error());
    const auto outcome = run_scenario(*scenario);
    fmt::print("{}{}",
               options.json ? scenario_json(outcome) : scenario_text(outcome, context.verbose),
               options.json ? "\n" : "");
    if (!outcome.passed()) code = exit_failed;
    if (!options.html.empty()) outcomes.push_back(outcome);
  }
  if (options.html.empty()) return code;
  const auto written = write_file_atomically(options.html, scenarios_html(outcomes));
  return written ? code : fail(written.error());
}

int run(const Options& options, const CommandContext& context) {
  std::size_t stories = 0;
  for (const auto& file : options.files) stories += static_cast<std::size_t>(is_scenario(file));
  if (stories == 0) return Simulation{options, context}.run();
  if (stories == options.files.size()) return tell_stories(options, context);
  return fail_usage("scenarios (.toml) and traces cannot be told together");
}

}  // namespace

void add_simulate(const CommandLine& app, CommandContext& context) {
  const auto command = add_command<Options>(
      app, context,
      {"simulate", "What the decisions would have done: traces, recorded fleets, scenarios",
       "  plimsoll simulate day.csv.zst                        # all policies, three densities\n"
       "  plimsoll simulate day.csv --density 0.6 --policy default,mean-3 --html report.html\n"
       "  plimsoll simulate day.csv --policy default --aggressiveness 0.2,0.5,0.8\n"
       "  plimsoll --set orchestrator.line.cpu=70 simulate day.csv --policy default\n"
       "  plimsoll export --from -7d -o week.csv && plimsoll simulate week.csv  # last week, here\n"
       "  plimsoll -v simulate scenarios/spike.toml            # a story and what must come of "
       "it\n"},
      run);
  auto& options = *command.options;
  const auto& sub = command.line;
  sub.add_option("FILE", options.files,
                 "Traces (NAME,u0,u1,…; also .zst), what `plimsoll export` wrote, or scenarios")
      .required();
  sub.add_option("--density,--rho", options.densities,
                 "For traces: mean demand over capacity, which says how many hosts there are "
                 "(default: 0.5,0.6,0.7)")
      .delimiter(',');
  sub.add_option("--policy", options.policies,
                 "all (default), none, default: ours as configured, or a baseline: " +
                     fmt::format("{}", fmt::join(policy_names(), ", ")))
      .delimiter(',');
  sub.add_option("--aggressiveness", options.aggressiveness,
                 "Ours with each of these settings of orchestrator.aggressiveness")
      .delimiter(',');
  sub.add_option("--step", options.step, "For recorded fleets: length of a step (default: 5m)");
  sub.add_flag("--json", options.json, "Print JSON (docs/formats/simulate.md)");
  sub.add_option("--html", options.html, "Write a page with charts").type_name("FILE");
  sub.add_option("--front", options.front,
                 "Write a picture (SVG) of overload against moves; of one file and density")
      .type_name("FILE");
}

}  // namespace plimsoll
