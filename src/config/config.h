#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "core/result.h"
#include "decide/policy.h"
#include "monitor/monitor_config.h"
#include "orchestrate/orchestrator_config.h"
#include "remote/ssh_config.h"
#include "store/make_store.h"
#include "web/web_config.h"

namespace plimsoll {

/// plimsoll.toml (DESIGN 2a) as the modules want it: checked whole, paths made absolute or relative
/// to the working directory, secrets read.
struct Config {
  std::filesystem::path file;  ///< Empty: there is none, all is default.
  std::filesystem::path hosts = "host.csv";
  std::filesystem::path data_dir = "data";
  AgentConfig agent;
  MonitorConfig monitor;
  StoreConfig store;
  OrchestratorConfig orchestrator;
  Policy policy;
  SshConfig ssh;
  WebConfig web;
  /// The keys that file and overrides give, with their values as TOML. What is not here is default.
  std::map<std::string, std::string> given;
};

/// The keys that differ, in their order.
[[nodiscard]] std::vector<std::string> changed_keys(const Config& before, const Config& after);

struct ConfigSource {
  std::optional<std::filesystem::path> file;  ///< Must exist when given.
  std::vector<std::string> overrides;         ///< "monitor.interval=10s"
  /// A variable of the environment; PLIMSOLL_STORE_PASSWORD and PLIMSOLL_STORE_TOKEN are asked for.
  std::function<std::optional<std::string>(const std::string&)> environment = process_environment;

  static std::optional<std::string> process_environment(const std::string& name);
};

/// Reads, overrides, checks.
/// Errors: invalid - every problem found, a line each: "plimsoll.toml:12: monitor.interval: …", or
/// "--set monitor.interval: …". Nothing is given in part.
/// Blocks: on the disk.
[[nodiscard]] Result<Config> load_config(const ConfigSource& source);

}  // namespace plimsoll
