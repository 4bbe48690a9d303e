#pragma once

#include <string>
#include <vector>

#include "hand/byte_out.h"
#include "hand/hand_context.h"
#include "hand/image_store.h"

namespace plimsoll {

/// Where the layers are taken from.
enum class ExportWay {
  automatic,  ///< Files where their layout is known, else the engine.
  files,      ///< Out of overlay2 by tar-split.
  engine,     ///< Out of the archive that `docker save` makes.
};

struct ExportRequest {
  std::string image;              ///< Id or name.
  std::vector<std::string> tags;  ///< To be set at the destination; empty: the image's own.
  std::size_t present = 0;        ///< Layers from the lowest on that are not to be sent.
  /// What the link carries, in bytes a second; 0: not known. Below 200 MB/s it pays to compress
  /// (FACTS 8: zstd -1 packs 518 MB/s on two cores, OpenSSH carries 351 MB/s).
  Bytes link{};
  Bytes limit{};  ///< Bytes a second that may be sent; 0: all that goes.
  ExportWay way = ExportWay::automatic;
};

/// Request of `hand image-export` and `hand image-send`: {"image", "present", "tags", "link",
/// "limit", "way": "automatic" | "files" | "engine"}; all but the image may be missing.
/// Errors: malformed.
[[nodiscard]] Result<ExportRequest> parse_export_request(const std::string& json);

struct ExportReport {
  std::string image_id;
  std::size_t layers = 0;  ///< Sent.
  Bytes layer_bytes{};     ///< Their tars.
  Bytes sent{};            ///< What was written, compressed or not.
  double seconds = 0;
  bool compressed = false;
  ExportWay way = ExportWay::files;
};

/// Writes the image's configuration and its layers from `present` on to `fd`, as
/// docs/formats/image_stream.md says. Each layer's digest is checked as it passes.
///
/// Errors: not_found - no such image, or a file of a layer is missing (another way may do);
/// malformed - a layer has not the digest it must have; io - `fd` takes no more.
/// Blocks: the thread, on the disk and on `fd`.
[[nodiscard]] Task<Result<ExportReport>> export_image(const HandContext* context,
                                                      ExportRequest request, int fd);

[[nodiscard]] std::string to_json(const ExportReport& report);

/// `hand image-export`: the stream goes to `fd`. Result: {"image", "layers", "layer_bytes", "sent",
/// "seconds", "compressed", "way"}.
[[nodiscard]] Task<Result<std::string>> image_export_act(const HandContext* context,
                                                         std::string request, int fd);

}  // namespace plimsoll
