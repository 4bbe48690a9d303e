#pragma once

#include <memory>

#include "decide/policy.h"
#include "simulate/balancing.h"
#include "simulate/pace.h"

namespace plimsoll {

/// The engine that decides in production, as a policy to be tried: a DecideSession that is told the
/// samples of one step after the other. What a move carries stands for the container's own bytes;
/// all images are everywhere.
/// Requires: check(policy) finds nothing; `fleet` outlives what is given.
[[nodiscard]] std::unique_ptr<Balancer> make_session_balancer(const BalancingFleet& fleet,
                                                              const Policy& policy,
                                                              const Pace& pace);

}  // namespace plimsoll
