#pragma once

#include "hand/tree_digest.h"
#include "hand/tree_send.h"

namespace plimsoll {

struct StopAndSend {
  std::string container;          ///< Its id.
  bool pause = false;             ///< Freeze it instead of stopping it.
  std::optional<Duration> grace;  ///< Absent: the container's own.
  TreeSend send;                  ///< Its last round.
  bool digest = true;
};

/// What it took, in seconds since the order to stop.
struct StoppedAndSent {
  double dead_s = 0;    ///< Its last process was gone (or all were frozen).
  double sent_s = 0;    ///< The last round had arrived.
  double digest_s = 0;  ///< The digests here were known.
  double engine_s = 0;  ///< The engine had answered.
  double total_s = 0;
  std::int64_t exit_code = 0;
  TreeSent sent;
  std::vector<TreeDigest> digests;  ///< As the pairs.
};

/// Stops a container and sends what it wrote last, as tight as can be: the round begins when its
/// last process is gone, while the engine still takes the container down. `context->reached` is
/// told "dead" and "sent".
/// A container that stands still already is only sent. Where the fence says no, nothing is stopped.
/// Errors: as send_trees, digest_tree and Engine; conflict - the engine does not say `exited` (or
/// `paused`) in the end, or it was started again meanwhile. A container that was paused goes on
/// when it fails; a stopped one stays.
[[nodiscard]] Task<Result<StoppedAndSent>> stop_and_send(const HandContext* context,
                                                         StopAndSend request);

}  // namespace plimsoll
