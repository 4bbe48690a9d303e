#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hand/hand_context.h"
#include "hand/image_store.h"

namespace plimsoll {

/// What of an image a host has.
struct ImagePresence {
  StoreFacts store;
  std::size_t present = 0;  ///< So many layers from the lowest on: they need not be sent.
  /// Bytes of each layer asked for, where the host knows.
  std::vector<std::optional<Bytes>> sizes;
};

/// Errors: malformed - no digests; the engine's.
[[nodiscard]] Task<Result<ImagePresence>> probe_image(Engine* engine,
                                                      std::vector<std::string> diff_ids);

/// `hand image-probe`. Request: {"diff_ids": ["sha256:…", …]}. Result: {"store", "root", "free",
/// "present", "sizes": [bytes or null, …]}.
[[nodiscard]] Task<Result<std::string>> image_probe_act(const HandContext* context,
                                                        std::string request);

}  // namespace plimsoll
