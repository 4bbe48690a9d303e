#pragma once

#include "core/ids.h"
#include "core/time.h"
#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/policy.h"

namespace plimsoll {

/// Every running container off a host, which itself receives nothing.
///
/// The moves stand in their order (Move::order): carried out one after the other they load no host
/// past its target, nor, while two containers change places, past its line. Units stay whole; where
/// no host has room another container makes it. What has to stay is in `rejected` with its reason,
/// so that a person sees all of it before anything starts. Cool-downs, quiet hours of the policy
/// and limits of moves at once do not hold, for a person has decided; labels of owners do. Fails
/// closed: with a silent fleet, a host that is silent or unread, or an unknown one, there are no
/// moves, and the rejection says so.
[[nodiscard]] Plan plan_drain(const FleetSnapshot& fleet, const Policy& policy, TimePoint now,
                              const HostId& host);

}  // namespace plimsoll
