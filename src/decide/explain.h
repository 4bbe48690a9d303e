#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "decide/fleet.h"
#include "decide/policy.h"

namespace plimsoll {

/// "Why not?" for a host or a container, in words and numbers, some lines of text.
///
/// A host: how it stands, whether it is relieved and why not, whether it may receive and how much.
/// A container: whether it may move, what each host says, and what is planned for it. A name that
/// is both, or a container of several hosts, is told of each, up to eight. Errors: not_found -
/// neither is called so, with what there is.
[[nodiscard]] Result<std::string> explain(const FleetSnapshot& fleet, const Policy& policy,
                                          TimePoint now, std::string_view name);

}  // namespace plimsoll
