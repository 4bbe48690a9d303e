#pragma once

#include <string>
#include <vector>

#include "docker/inspect.h"

namespace plimsoll {

/// Whether somebody chose this network's addresses: IPv6, a range, a reserved address, or a subnet
/// without the gateway that Docker writes when it chooses by itself.
/// A subnet and a gateway that were both chosen look like Docker's own choice.
[[nodiscard]] bool has_chosen_addresses(const json::value& network);

/// Whether the container has a fixed address in this network.
[[nodiscard]] bool has_fixed_address(const ContainerInspect& container, const std::string& network);

/// A request that makes a user-defined network like this one: driver, options, labels, internal,
/// attachable, IPv6. Its addresses are left to the engine unless `keep_subnet`.
[[nodiscard]] json::value make_network_spec(const json::value& network, bool keep_subnet);

/// In what a network that is there already differs from the one here, "Driver: …"; empty: a
/// container finds there what it had. Labels are not compared, addresses only with `same_subnet`.
[[nodiscard]] std::vector<std::string> network_differences(const json::value& here,
                                                           const json::value& there,
                                                           bool same_subnet);

}  // namespace plimsoll
