#pragma once

#include "config/config.h"
#include "finding.h"
#include "inventory/host_list.h"
#include "runtime/asio.h"

namespace plimsoll {

/// Asks every host's agent once, many at a time. In the order of the hosts.
[[nodiscard]] Task<Findings> check_agents(Config config, HostList hosts);

/// Reaches every host over SSH, and its Docker engine.
[[nodiscard]] Task<Findings> check_remote(Config config, HostList hosts);

/// `check --container`: prints whether it may move and what would become of it. Exit code: ok where
/// it may.
[[nodiscard]] Task<int> check_container(Config config, HostList hosts, std::string container,
                                        std::string from, bool json);

}  // namespace plimsoll
