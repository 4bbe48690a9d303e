#pragma once

#include <optional>
#include <string_view>

namespace plimsoll {

/// How far a move has come (MIGRATION, "States"). A state is entered when its act has been read
/// back as done. Strategy cold passes over Precopied; Redirected comes with the forwarding stub.
enum class MoveState {
  planned,
  approved,
  reserved,
  preflight,
  image_staged,
  destination_created,
  source_fenced,
  source_stopped,
  final_sync,
  destination_started,
  destination_healthy,
  committed,
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

/// No further act will come by itself. SourceRetired waits for its retention to be over.
[[nodiscard]] bool is_final(MoveState state);
/// The container runs at the destination.
[[nodiscard]] bool is_success(MoveState state);

/// What the driver is told to do. Each act is idempotent: it looks first, acts if needed, and looks
/// again; done means read back from the engine.
enum class Act {
  preflight,           ///< Everything that could make the move fail later, looked at now.
  stage_image,         ///< The image is at the destination, proven by its id.
  create_destination,  ///< Created, not started, under its temporary name, restart policy "no".
  fence_source,        ///< The source's restart policy is "no".
  stop_source,         ///< The source has exited.
  final_sync,          ///< Writable layer and volumes are equal, proven by digests.
  start_destination,   ///< Runs.
  check_destination,   ///< Healthy.
  commit,              ///< The point of no return is in the journal.
  finish_destination,  ///< Its final name and restart policy.
  retire_source,       ///< The source is renamed NAME--retired-ID, stopped.
  // undo
  stop_destination,    ///< Surely not running.
  start_source,        ///< Runs, under its own name.
  unfence_source,      ///< Its old restart policy is back.
  remove_destination,  ///< What was staged is gone.
};
[[nodiscard]] std::string_view act_name(Act act);
[[nodiscard]] std::optional<Act> parse_act(std::string_view name);

}  // namespace plimsoll
