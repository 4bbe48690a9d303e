#pragma once

#include <optional>

#include "decide/fleet.h"
#include "decide/plan.h"
#include "decide/policy.h"

namespace plimsoll {

/// What is known of the way between two hosts, or assumed.
struct Way {
  double bytes_per_s = 0;  ///< Not more than 0: there is no way.
  double rtt_s = 0;
  bool measured = false;
};

/// Bytes of the container's image that `to` lacks. A layer counts as there only with all layers
/// below it; a missing layer of unknown size counts as all that is not known to be there.
[[nodiscard]] Bytes missing_image(const ContainerState& container, const HostState& to,
                                  const Policy& policy);

/// How many bytes are sent for one that has to be written: less where they are compressed.
struct SentShare {
  double image = 1;
  double data = 1;
  double held = 1;  ///< Of the data that is sent, what is while it stands still.
};

/// What earlier moves tell of the next one; absent is what none taught.
struct Experience {
  std::optional<double> restart_s;  ///< Stop and start, without sending.
  SentShare sent;
  /// Of an image that is loaded there, as it is written. Unit: bytes per second.
  std::optional<double> image_bytes_per_s;
  /// What data takes beyond its bytes: connections, looking at files. Unit: seconds.
  std::optional<double> data_extra_s;
};

/// What a move there would take, a cold one where nothing was learned of others. The image takes
/// the link or its loading, whichever is slower, since they overlap.
/// Requires: way.bytes_per_s > 0.
[[nodiscard]] Prediction predict(const ContainerState& container, const HostState& to,
                                 const Way& way, const Policy& policy,
                                 const Experience& experience = {});

/// The cost of a move: its stop, and a tenth of its transfer (ours), as a share of Policy::horizon.
[[nodiscard]] double cost_of(const Prediction& predicted, const Policy& policy);

/// What a move takes at the least, wherever it goes: to rank containers before their destinations
/// are known. `image_elsewhere`: some other host has the image. Unit: seconds.
[[nodiscard]] double least_seconds(const ContainerState& container, bool image_elsewhere,
                                   const Policy& policy);

}  // namespace plimsoll
