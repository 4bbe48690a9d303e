#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "hand/detached.h"
#include "hand/hand_context.h"
#include "runtime/asio.h"

namespace plimsoll {

/// How a dead-man lease on the containers of a move stands (MIGRATION, DestinationStarted): unless
/// renewed in time, a process that nothing but the clock can stop stops them.
struct LeaseStatus {
  enum class Phase { none, armed, expired };
  Phase phase = Phase::none;
  bool kept = false;                    ///< Its keeper lives. Armed and not kept is a failure.
  std::vector<std::string> containers;  ///< Full ids.
  Duration ttl{};
  Duration left{};   ///< Until it expires; zero when it has.
  Duration grace{};  ///< What a container gets between SIGTERM and SIGKILL.
  std::string end;   ///< After expiry: "stopped", "killed", "not running", or "" while under way.
  /// From a renewal until the containers are stopped for sure, should no other renewal follow.
  [[nodiscard]] Duration bound() const;
};

struct LeaseTerms {
  std::vector<std::string> containers;  ///< Ids or names; they must exist, running or not.
  Duration ttl{15'000};
  Duration grace{10'000};
};

/// Arms the lease of the order's move, in place of one it has already, and reads it back.
/// Errors: not_found - no such container; invalid - no container, or a time out of 1 s to 1 h; io.
[[nodiscard]] Task<Result<LeaseStatus>> arm_lease(const HandContext* context, LeaseTerms terms,
                                                  JobStarter start = start_detached);

/// Counts its time from now again. Errors: refused - it has expired; not_found - there is none, or
/// its keeper has gone: arm it anew.
[[nodiscard]] Result<LeaseStatus> renew_lease(const HandContext& context);

/// Ends it; the containers run on. None there is fine. Errors: refused - it has expired; io.
[[nodiscard]] Result<LeaseStatus> disarm_lease(const HandContext& context);

/// Ends it whatever its state, for whoever cleans up. Errors: io.
[[nodiscard]] Result<void> remove_lease(const HandContext& context);

[[nodiscard]] Result<LeaseStatus> lease_status(const HandContext& context);
[[nodiscard]] std::string lease_json(const LeaseStatus& status);

/// What the detached process does: waits, and stops the containers at the end of the time. After
/// that it keeps them stopped, for a start that comes late, until the lease is removed or an hour
/// has passed.
[[nodiscard]] Result<void> keep_lease(const HandContext& context, const std::string& generation);

}  // namespace plimsoll
