#pragma once

#include <string>
#include <vector>

#include "hand/hand_context.h"
#include "hand/image_store.h"
#include "runtime/asio.h"

namespace plimsoll {

struct LoadedLayer {
  std::string diff_id;
  Bytes bytes{};
  double seconds = 0;  ///< From its first byte until the engine has registered it.
};

struct LoadReport {
  std::string image_id;  ///< As the engine here calls it: another than the source's in containerd.
  StoreKind store = StoreKind::other;
  std::vector<LoadedLayer> layers;
  std::size_t skipped = 0;  ///< Were there already.
  Bytes received{}, loaded{};
  double seconds = 0;
};

/// Loads what export_image wrote, from `fd`, layer by layer: while the engine registers one, the
/// next is received. Each finished layer is held by an untagged image with the label
/// plimsoll.move.id, so that a second try goes on behind it and clean_images can free it. When the
/// whole image is there those are removed.
///
/// Errors: malformed - not such a stream, or cut off; conflict - it starts above what is here;
/// too_large - the disk has not the room; timeout - nothing came for a minute; refused - the engine
/// said no, or what it has in the end is not the image. Nothing incomplete is ever visible.
[[nodiscard]] Task<Result<LoadReport>> load_image(const HandContext* context, int fd);

[[nodiscard]] std::string to_json(const LoadReport& report);

/// `hand image-load`, the stream on standard input. Result: {"image", "store", "received",
/// "loaded", "skipped", "seconds", "layers": [{"diff_id", "bytes", "seconds"}]}.
[[nodiscard]] Task<Result<std::string>> image_load_act(const HandContext* context, int fd);

/// `hand image-clean`: removes what loads of this move left half-way. Idempotent; leaves the image.
/// Result: {"removed": n}.
[[nodiscard]] Task<Result<std::string>> image_clean_act(const HandContext* context);

}  // namespace plimsoll
