#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "docker/engine.h"

namespace plimsoll {

/// How an engine keeps its images, as far as we go other ways for it.
enum class StoreKind {
  overlay2,    ///< Docker's own layer store on overlay2: we know its files.
  graph,       ///< Docker's own layer store on another driver: through the API only.
  containerd,  ///< containerd's image store (Docker 25 and newer, where switched on).
  other,       ///< Podman and what else speaks the API.
};
[[nodiscard]] const char* to_string(StoreKind kind);

struct StoreFacts {
  StoreKind kind = StoreKind::other;
  std::filesystem::path root;  ///< "/var/lib/docker".
  Bytes free{};                ///< On its file system, for root.
};

/// Errors: the engine's; io - the root folder cannot be looked at.
[[nodiscard]] Task<Result<StoreFacts>> look_at_store(Engine* engine);

/// Where the files of one layer are.
struct LayerFiles {
  std::filesystem::path tar_split;  ///< tar-split.json.gz
  std::filesystem::path diff;       ///< The folder with what the layer holds.
};

/// The layers that Docker's own store has registered, by their chain ids.
///
/// Source: moby, layer/filestore.go and daemon/graphdriver/overlay2: layerdb/sha256/CHAIN/
/// {cache-id,diff,size,tar-split.json.gz} and overlay2/CACHE-ID/diff.
/// Blocks: on the disk.
class LayerDb {
 public:
  explicit LayerDb(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] bool has(const std::string& chain_id) const;
  /// What the files in it hold; its tar is longer. Nothing where it is not known.
  [[nodiscard]] std::optional<Bytes> size(const std::string& chain_id) const;
  /// Errors: not_found - a file of it is missing; malformed.
  [[nodiscard]] Result<LayerFiles> files(const std::string& chain_id,
                                         const std::string& diff_id) const;
  /// The image's configuration, byte for byte. Errors: not_found; malformed - not of that digest.
  [[nodiscard]] Result<std::string> config(const std::string& image_id) const;

 private:
  [[nodiscard]] std::filesystem::path folder(const std::string& chain_id) const;

  std::filesystem::path root_;
};

}  // namespace plimsoll
