#pragma once

#include <string>
#include <vector>

#include "docker/inspect.h"

namespace plimsoll {

/// Where a copy differs from its original beyond what a move explains: "HostConfig.Memory: 100
/// here, 0 there". Explained are ids, times, addresses, generated names, our own labels, the
/// restart policy (held at "no" until the move is committed) and fields one of the two engines does
/// not know. Values of environment and labels are never printed: they may be secrets.
[[nodiscard]] std::vector<std::string> unexplained_differences(const ContainerInspect& original,
                                                               const ContainerInspect& copy);

}  // namespace plimsoll
