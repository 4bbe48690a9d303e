#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command_line.h"
#include "config/config.h"
#include "core/result.h"
#include "inventory/host_list.h"

namespace plimsoll {

/// What every subcommand shares: the flags in front of it, and what they lead to.
class CommandContext {
 public:
  std::string config_file;             ///< --config; empty: the usual place.
  std::vector<std::string> overrides;  ///< --set
  bool verbose = false;

  /// plimsoll.toml with --set and the environment applied.
  /// Errors: as load_config.
  [[nodiscard]] Result<Config> try_config() const;
  /// The same out of a certain file, which must be there; empty: out of the usual place.
  [[nodiscard]] Result<Config> try_config(const std::filesystem::path& file) const;
  /// The same; where it fails, every problem is printed and nothing given: return exit_usage then.
  [[nodiscard]] std::optional<Config> config() const;
  /// The hosts that the configuration names; the same applies.
  [[nodiscard]] std::optional<HostList> hosts(const Config& config) const;

  /// Set by the chosen subcommand, called by main.
  std::function<int()> run;
};

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

/// Prints "plimsoll: MESSAGE" on standard error, a line for each of the message's, and gives the
/// exit code that belongs to it: 2 for Errc::invalid, else 1.
int fail(const Error& error);
/// The same for what is wrong with flags, file or host.csv.
int fail_usage(const std::string& message);

struct CommandText {
  std::string name;
  std::string summary;   ///< One line, as in `plimsoll --help`.
  std::string examples;  ///< Lines that can be typed.
};

template <class Options>
struct Subcommand {
  CommandLine line;
  std::shared_ptr<Options> options;
};

/// Adds a subcommand whose flags, added by the caller, fill an Options; `run` gives the exit code.
template <class Options>
Subcommand<Options> add_command(const CommandLine& parent, CommandContext& context,
                                const CommandText& text,
                                int (*run)(const Options&, const CommandContext&)) {
  auto options = std::make_shared<Options>();
  const auto line =
      parent.add_command(text.name, text.summary, text.examples, [options, &context, run] {
        context.run = [options, &context, run] { return run(*options, context); };
      });
  return {line, std::move(options)};
}

}  // namespace plimsoll
