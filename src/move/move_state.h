#pragma once

#include <optional>
#include <string_view>

namespace plimsoll {

/// How far a move has come (MIGRATION, "States"). A state is entered when its act has been read
/// back as done.
enum class MoveState {
  planned,
  approved,
  reserved,
  preflight,
  image_staged,
  destination_created,
  precopied,  ///< At least one round; how many stands in MoveProgress.
  source_fenced,
  source_stopped,
  final_sync,
  destination_started,
  destination_healthy,
  committed,
  redirected,
  source_retired,
  cleaned,
  rolling_back,
  rolled_back,
  quarantined,
  superseded,
};

/// The name users, journal and API see: "DestinationCreated".
[[nodiscard]] std::string_view state_name(MoveState state);
[[nodiscard]] std::optional<MoveState> parse_state(std::string_view name);

/// No further act comes by itself. SourceRetired waits for its retention to be over (retention.h),
/// RolledBack with something left over for a better day (Migration::tidying).
[[nodiscard]] bool is_final(MoveState state);
/// The container runs at the destination.
[[nodiscard]] bool is_success(MoveState state);
/// The point of no return is behind it: from here on the copy is the one.
[[nodiscard]] bool is_committed(MoveState state);

/// What the driver is told to do. Each act is idempotent: it looks first, acts if needed, and looks
/// again; done means read back from the engine. A workload of several members is one move: an act
/// does its part for all of them, in order, and is done when it is done for all.
enum class Act {
  preflight,           ///< Everything that could make the move fail later, looked at now.
  stage_image,         ///< The image is at the destination, proven by its id.
  create_destination,  ///< Created, not started, under its temporary name, restart policy "no".
  precopy,             ///< One round of writable layer and volumes while the source runs.
  fence_source,        ///< The source's restart policy is "no".
  stop_source,         ///< The source has exited.
  final_sync,          ///< Writable layer and volumes are equal, proven by digests. One that takes
                       ///< longer than the workload may be down fails with Errc::timeout.
  start_destination,   ///< Lease armed and read back, then ordered to start under it; runs.
  check_destination,   ///< Healthy, the source still stopped; renews the lease while it looks.
  commit,              ///< The point of no return is in the journal.
  finish_destination,  ///< It runs (started again if its lease ran out), without a lease, under its
                       ///< final name and restart policy.
  redirect,            ///< The old host forwards the published ports.
  retire_source,       ///< The source is renamed NAME--retired-ID, stopped.
  clean,               ///< What was retired is removed; nothing that another move's copy uses.
  // the way back
  stop_destination,    ///< Surely not running, and no earlier order can start it any more.
                       ///< conflict - it was seen running after the order to stop.
  start_source,        ///< Runs, or somebody put another in its place, which is theirs.
                       ///< not_found - the engine says that somebody removed it.
  unfence_source,      ///< Its old restart policy is back, and it runs if that policy wants it to;
                       ///< what somebody removed needs nothing back.
  remove_destination,  ///< What was staged is gone.
};
[[nodiscard]] std::string_view act_name(Act act);
[[nodiscard]] std::optional<Act> parse_act(std::string_view name);

/// How much is copied before the source is stopped.
enum class Strategy {
  cold,  ///< The image alone: passes over precopy.
  warm,
};
[[nodiscard]] std::string_view strategy_name(Strategy strategy);
[[nodiscard]] std::optional<Strategy> parse_strategy(std::string_view name);

}  // namespace plimsoll
