#pragma once

#include <vector>

#include "decide/fleet.h"
#include "docker/inspect.h"

namespace plimsoll {

/// Gives layers the sizes of those that are not empty, where that is sure: there are as many.
void add_layer_sizes(const std::vector<Bytes>& sizes, std::vector<Layer>& layers);

/// What the decision needs to know of a container, out of Docker's documents. `measured` is the
/// same container as telemetry knows it, for its use of CPU and memory; may be empty.
[[nodiscard]] ContainerState container_state(const ContainerInspect& container,
                                             const ImageInspect* image,
                                             const ContainerState* measured);

/// The same ports as the decision counts them.
[[nodiscard]] std::vector<PublishedPort> published_ports(const ContainerInspect& container);

}  // namespace plimsoll
