#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "commands.h"
#include "core/suggest.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

void add_commands(const CommandLine& app, CommandContext& context) {
  add_up(app, context);
  add_agent(app, context);
  add_monitor(app, context);
  add_orchestrate(app, context);
  add_top(app, context);
  add_plan(app, context);
  add_decide(app, context);
  add_simulate(app, context);
  add_migrate(app, context);
  add_moves(app, context);
  add_drain(app, context);
  add_hand(app, context);
  add_check(app, context);
  add_replay(app, context);
  add_export(app, context);
}

void add_flags(CLI::App& app, CommandContext& context) {
  app.name("plimsoll");
  app.description("Watches plain Docker hosts and moves containers off those loaded too deep.");
  app.footer(
      "Examples:\n"
      "  plimsoll up --with-agent             # watch this machine, with a web page\n"
      "  plimsoll --config my.toml check      # is everything as it must be?\n"
      "  plimsoll top                         # the fleet in this terminal\n"
      "  plimsoll COMMAND --help              # more about one command\n\n"
      "Exit codes: 0 done, 1 the thing asked for failed, 2 usage or configuration error.");
  app.set_version_flag("--version", "plimsoll " PLIMSOLL_VERSION);
  app.add_option("--config", context.config_file,
                 "Configuration file (default: plimsoll.toml here, if there is one)")
      ->envname("PLIMSOLL_CONFIG")
      ->type_name("FILE");
  app.add_option("--set", context.overrides,
                 "One setting in place of the file's, such as monitor.interval=10s; repeatable")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  app.add_flag("-v,--verbose", context.verbose, "Say more on standard error");
  app.require_subcommand(0, 1);
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

/// CLI11's words, or ours where the first word is no command.
int explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(error) == 0 ? exit_ok : exit_failed;
  }
  const auto chosen = app.get_subcommands();
  const std::string help =
      chosen.empty() ? "plimsoll --help" : "plimsoll " + chosen.front()->get_name() + " --help";
  if (const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error);
      extras != nullptr && chosen.empty()) {
    for (int i = 1; i < argc; ++i) {
      const std::string word{argv[i]};
      if (word.starts_with('-') || app.remaining().empty() || word != app.remaining().front()) {
        continue;
      }
      return fail_usage(fmt::format("'{}' is no command{}; see {}", word,
                                    did_you_mean(word, command_names(app)), help));
    }
  }
  std::string what = error.what();
  return fail_usage(fmt::format("{}; see {}", what, help));
}

int run(int argc, char** argv) {
  CLI::App app;
  CommandContext context;
  add_flags(app, context);
  add_commands(CommandLine{&app}, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error, argc, argv);
  }
  if (!context.run) {
    fmt::print(stderr, "{}", app.help());
    return exit_usage;
  }
  if (context.verbose) log::set_level(log::Level::debug);
  return context.run();
}

}  // namespace
}  // namespace plimsoll

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return plimsoll::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "plimsoll: internal error: {}\n", error.what());
    return plimsoll::exit_failed;
  }
}
