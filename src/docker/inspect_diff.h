#pragma once

#include <string>
#include <vector>

#include "docker/create_spec.h"

namespace plimsoll {

/// Where a copy differs from its original beyond what a move explains: "HostConfig.Memory: 100
/// here, 0 there". Explained are the fields that docs/formats/container-fields.md has as mapped or
/// ignored, the mapped ones by their rule: ids, times, addresses, generated names, our own labels,
/// the restart policy (held at "no" until the move is committed). What names another container must
/// name the copy of that one, from `moved_with`. Values of environment and labels are never
/// printed: they may be secrets.
[[nodiscard]] std::vector<std::string> unexplained_differences(
    const ContainerInspect& original, const ContainerInspect& copy,
    const std::vector<MovedMember>& moved_with = {});

}  // namespace plimsoll
