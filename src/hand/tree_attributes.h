#pragma once

#include <string_view>

#include "core/result.h"
#include "hand/sha256.h"
#include "hand/tree_walk.h"

namespace plimsoll {

/// Whether an extended attribute belongs to the data: not what the kernel answers for a mount
/// (trusted.overlay.origin, impure, uuid; system.* but POSIX ACLs).
[[nodiscard]] bool must_arrive(std::string_view attribute);

/// SHA-256 over the names and values that must arrive, in the order of names; of nothing where
/// there are none.
/// Errors: io. Blocks: on the disk. Requires: /proc.
[[nodiscard]] Result<Sha256Sum> attributes_sum(TreePlace place);

}  // namespace plimsoll
