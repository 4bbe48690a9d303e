#include "command_line.h"

#include <CLI/CLI.hpp>
#include <cstdint>

namespace plimsoll {

CommandOption& CommandOption::required() {
  option_->required();
  return *this;
}

CommandOption& CommandOption::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

CommandOption& CommandOption::one_of(std::vector<std::string> values) {
  option_->check(CLI::IsMember(std::move(values)));
  return *this;
}

CommandOption& CommandOption::between(int least, int most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

CommandOption& CommandOption::positive() {
  option_->check(CLI::PositiveNumber);
  return *this;
}

CommandOption& CommandOption::repeatable() {
  option_->expected(1)->take_all();
  return *this;
}

CommandOption& CommandOption::delimiter(char between) {
  option_->delimiter(between);
  return *this;
}

CommandOption& CommandOption::needs(const CommandOption& other) {
  option_->needs(other.option_);
  return *this;
}

CommandOption& CommandOption::excludes(const CommandOption& other) {
  option_->excludes(other.option_);
  return *this;
}

template <class T>
CommandOption CommandLine::add_option(const std::string& names, T& value,
                                      const std::string& help) const {
  return CommandOption{app_->add_option(names, value, help)};
}

using Words = std::vector<std::string>;
using Numbers = std::vector<double>;
template CommandOption CommandLine::add_option(const std::string&, std::string&,
                                               const std::string&) const;
template CommandOption CommandLine::add_option(const std::string&, double&,
                                               const std::string&) const;
template CommandOption CommandLine::add_option(const std::string&, std::uint64_t&,
                                               const std::string&) const;
template CommandOption CommandLine::add_option(const std::string&, std::int64_t&,
                                               const std::string&) const;
template CommandOption CommandLine::add_option(const std::string&, Words&,
                                               const std::string&) const;
template CommandOption CommandLine::add_option(const std::string&, Numbers&,
                                               const std::string&) const;

CommandOption CommandLine::add_flag(const std::string& names, bool& value,
                                    const std::string& help) const {
  return CommandOption{app_->add_flag(names, value, help)};
}

void CommandLine::make_optional(const std::string& name) const {
  app_->get_option(name)->required(false);
}

CommandLine CommandLine::add_command(const std::string& name, const std::string& summary,
                                     const std::string& examples,
                                     std::function<void()> chosen) const {
  auto* command = app_->add_subcommand(name, summary);
  command->footer("Examples:\n" + examples);
  command->fallthrough();
  command->callback(std::move(chosen));
  return CommandLine{command};
}

CommandLine CommandLine::add_hidden_group(const std::string& name,
                                          const std::string& summary) const {
  auto* group = app_->add_subcommand(name, summary);
  group->group("");
  group->require_subcommand(1);
  return CommandLine{group};
}

}  // namespace plimsoll
