#include <fmt/format.h>

#include "check_parts.h"
#include "commands.h"
#include "core/text.h"
#include "open_store.h"
#include "run.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

struct Options {
  std::string container;
  std::string from;
  bool json = false;
};

using Level = Finding::Level;

void print(const Findings& findings, const Options& options) {
  fmt::print("{}", options.json ? render_findings_json(findings) : render_findings(findings));
}

/// A finding for each line of a message.
Findings failures(const std::string& what, const Error& error, const std::string& action) {
  Findings findings;
  for (const auto line : split(error.message, '\n')) {
    if (!line.empty()) findings.push_back({Level::fail, what, std::string{line}, action});
  }
  return findings;
}

Task<Finding> check_store(Config config) {
  const auto opened = co_await open_store(config, Absence::fails);
  Finding finding;
  finding.what = "store";
  if (opened) {
    finding.detail = opened->store->describe();
  } else {
    finding.level = Level::fail;
    finding.detail = opened.error().message;
    finding.action = opened.error().code == Errc::unauthorized
                         ? "check store.username and store.password_file or store.token_file"
                         : "check [store]";
  }
  co_return finding;
}

void append(Findings& all, Findings more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

Task<int> check_the_rest(Config config, HostList hosts, Findings findings, Options options) {
  auto store = co_await check_store(config);
  findings.push_back(std::move(store));
  auto agents = co_await check_agents(config, hosts);
  append(findings, std::move(agents));
  auto remote = co_await check_remote(config, hosts);
  append(findings, std::move(remote));
  print(findings, options);
  co_return has_failure(findings) ? exit_failed : exit_ok;
}

Result<HostList> read_hosts(const Config& config) {
  const auto text = read_file(config.hosts);
  if (!text) return text.error();
  return parse_host_list(*text, config.hosts.string());
}

int run(const Options& options, const CommandContext& context) {
  const auto config = context.try_config();
  if (!config) {
    print(failures("configuration", config.error(), "correct it"), options);
    return exit_usage;
  }
  Findings findings;
  const std::string source = config->file.empty() ? "defaults" : config->file.string();
  findings.push_back({Level::ok, "configuration", source, ""});
  const auto hosts = read_hosts(*config);
  if (!hosts) {
    append(findings, failures("hosts", hosts.error(), "correct it"));
    print(findings, options);
    return exit_usage;
  }
  findings.push_back({hosts->empty() ? Level::warn : Level::ok, "hosts",
                      fmt::format("{}: {} hosts", config->hosts.string(), hosts->size()),
                      hosts->empty() ? "add a line a host" : ""});
  asio::io_context io{1};
  if (!options.container.empty()) {
    return run_to_end(
        io, check_container(*config, *hosts, options.container, options.from, options.json));
  }
  return run_to_end(io, check_the_rest(*config, *hosts, std::move(findings), options));
}

}  // namespace

void add_check(const CommandLine& app, CommandContext& context) {
  const auto command = add_command<Options>(
      app, context,
      {"check", "Look at configuration, host.csv, store and every host; a line a finding",
       "  plimsoll check\n"
       "  plimsoll check --container web --from h1     may it move, and what becomes of it?\n"
       "  plimsoll --config other.toml check --json\n"},
      run);
  const auto container = command.line.add_option("--container", command.options->container,
                                                 "Only this one: may it be moved, and what of it");
  command.line
      .add_option("--from", command.options->from, "The host it runs on; else all are asked")
      .needs(container);
  command.line.add_flag("--json", command.options->json, "Print the findings as JSON");
}

}  // namespace plimsoll
