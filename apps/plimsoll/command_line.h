#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace plimsoll {

/// One option of a command, as it was added; what may be said of it further.
class CommandOption {
 public:
  explicit CommandOption(CLI::Option* option) : option_(option) {}

  CommandOption& required();
  /// What stands for the value in the help, such as FILE.
  CommandOption& type_name(const std::string& name);
  /// Other values are refused, with these named.
  CommandOption& one_of(std::vector<std::string> values);
  CommandOption& between(int least, int most);
  CommandOption& positive();
  /// One value each time it is given; all are kept.
  CommandOption& repeatable();
  /// One value may hold several, with this between them.
  CommandOption& delimiter(char between);
  CommandOption& needs(const CommandOption& other);
  CommandOption& excludes(const CommandOption& other);

 private:
  CLI::Option* option_;
};

/// The flags and options of one command. A handle: copies speak of the same command. Behind it is
/// CLI11, whose header costs each file that includes it seconds to compile: command_line.cpp and
/// main.cpp are the only ones.
class CommandLine {
 public:
  explicit CommandLine(CLI::App* app) : app_(app) {}

  /// `names` as CLI11 takes them: "--limit", "-o,--output", or "id" for one by its place. The value
  /// must outlive the parsing. T: std::string, a number, or a vector of strings or of doubles.
  template <class T>
  CommandOption add_option(const std::string& names, T& value, const std::string& help) const;
  CommandOption add_flag(const std::string& names, bool& value, const std::string& help) const;
  /// An option added before may be left out all the same.
  void make_optional(const std::string& name) const;

  /// `chosen` is called when the line names this subcommand, after its options are filled.
  [[nodiscard]] CommandLine add_command(const std::string& name, const std::string& summary,
                                        const std::string& examples,
                                        std::function<void()> chosen) const;
  /// A subcommand that only holds others, and is in no list that people read.
  [[nodiscard]] CommandLine add_hidden_group(const std::string& name,
                                             const std::string& summary) const;

 private:
  CLI::App* app_;
};

}  // namespace plimsoll
