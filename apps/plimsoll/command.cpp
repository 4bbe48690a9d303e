#include "command.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

void print_error(const std::string& message) {
  for (const auto line : split(message, '\n')) {
    if (!line.empty()) fmt::print(stderr, "plimsoll: {}\n", printable(line, 1000));
  }
}

}  // namespace

int fail(const Error& error) {
  print_error(error.message);
  return error.code == Errc::invalid ? exit_usage : exit_failed;
}

int fail_usage(const std::string& message) {
  print_error(message);
  return exit_usage;
}

Result<Config> CommandContext::try_config() const { return try_config(config_file); }

Result<Config> CommandContext::try_config(const std::filesystem::path& file) const {
  ConfigSource source;
  source.overrides = overrides;
  if (!file.empty()) {
    source.file = file;
  } else if (std::filesystem::exists("plimsoll.toml")) {
    source.file = "plimsoll.toml";
  }
  return load_config(source);
}

std::optional<Config> CommandContext::config() const {
  auto config = try_config();
  if (config) return std::move(*config);
  print_error(config.error().message);
  return std::nullopt;
}

std::optional<HostList> CommandContext::hosts(const Config& config) const {
  const auto text = read_file(config.hosts);
  if (!text) {
    print_error(text.error().message +
                ": write a host list there, or name another with hosts = " + "in plimsoll.toml");
    return std::nullopt;
  }
  auto hosts = parse_host_list(*text, config.hosts.string());
  if (hosts) return std::move(*hosts);
  print_error(hosts.error().message);
  return std::nullopt;
}

}  // namespace plimsoll
