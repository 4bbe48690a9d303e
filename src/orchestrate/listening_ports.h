#pragma once

#include <string_view>
#include <vector>

#include "decide/fleet.h"
#include "remote/ssh_session.h"

namespace plimsoll {

/// Ports of a host on which somebody waits, be it a container or not. Empty where it cannot be
/// told: the move itself looks again.
[[nodiscard]] Task<std::vector<PublishedPort>> listening_ports(SshSession* host);

/// Out of the kernel's tables, each line with its file in front.
/// Source: proc_net_tcp in the kernel's documentation; state 0A is LISTEN, and 07 of UDP a socket
/// that is bound to nobody. At most 4,096.
[[nodiscard]] std::vector<PublishedPort> parse_listeners(std::string_view text);

}  // namespace plimsoll
