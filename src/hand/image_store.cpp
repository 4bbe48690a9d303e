#include "hand/image_store.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "hand/image_chain.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t small_file_max = 4 * kib;
constexpr std::size_t config_bytes_max = 8 * mib;

StoreKind kind_of(const EngineFacts& facts, const fs::path& root) {
  std::error_code ignored;
  if (facts.containerd_store) return StoreKind::containerd;
  if (facts.storage_driver == "overlay2" && fs::is_directory(root / "image/overlay2", ignored)) {
    return StoreKind::overlay2;
  }
  return fs::is_directory(root / "image", ignored) ? StoreKind::graph : StoreKind::other;
}

Result<std::string> first_line(const fs::path& file) {
  const auto text = read_file(file, small_file_max);
  if (!text) return text.error();
  return std::string{trim(*text)};
}

bool is_cache_id(const std::string& text) {
  return is_safe_name(text) && text.find('.') == std::string::npos;
}

}  // namespace

const char* to_string(StoreKind kind) {
  switch (kind) {
    case StoreKind::overlay2:
      return "overlay2";
    case StoreKind::graph:
      return "graph";
    case StoreKind::containerd:
      return "containerd";
    case StoreKind::other:
      return "other";
  }
  return "other";
}

Task<Result<StoreFacts>> look_at_store(Engine* engine) {
  const auto facts = co_await engine->facts();
  if (!facts) co_return facts.error();
  StoreFacts store;
  store.root = facts->root;
  struct statvfs space {};
  if (::statvfs(facts->root.c_str(), &space) != 0) {
    co_return Error{Errc::io, fmt::format("{}: {}; is this the engine's own host?",
                                          printable(facts->root), std::strerror(errno))};
  }
  store.free = Bytes{std::uint64_t{space.f_bavail} * space.f_frsize};
  store.kind = kind_of(*facts, store.root);
  co_return store;
}

fs::path LayerDb::folder(const std::string& chain_id) const {
  return root_ / "image/overlay2/layerdb/sha256" / hex_of(chain_id);
}

bool LayerDb::has(const std::string& chain_id) const {
  std::error_code ignored;
  return is_digest(chain_id) && fs::exists(folder(chain_id) / "cache-id", ignored);
}

std::optional<Bytes> LayerDb::size(const std::string& chain_id) const {
  if (!is_digest(chain_id)) return std::nullopt;
  const auto text = first_line(folder(chain_id) / "size");
  if (!text) return std::nullopt;
  const auto bytes = parse_number<std::uint64_t>(*text);
  if (!bytes) return std::nullopt;
  return Bytes{*bytes};
}

Result<LayerFiles> LayerDb::files(const std::string& chain_id, const std::string& diff_id) const {
  if (!is_digest(chain_id)) return Error{Errc::malformed, "no digest of a layer"};
  const auto place = folder(chain_id);
  const auto cache_id = first_line(place / "cache-id");
  if (!cache_id) return cache_id.error();
  const auto diff = first_line(place / "diff");
  if (!diff) return diff.error();
  if (!is_cache_id(*cache_id) || *diff != diff_id) {
    return Error{Errc::malformed, place.string() + ": is another layer than its name says"};
  }
  LayerFiles files{place / "tar-split.json.gz", root_ / "overlay2" / *cache_id / "diff"};
  std::error_code ignored;
  for (const auto& path : {files.tar_split, files.diff}) {
    if (!fs::exists(path, ignored)) return Error{Errc::not_found, path.string() + ": is missing"};
  }
  return files;
}

Result<std::string> LayerDb::config(const std::string& image_id) const {
  if (!is_digest(image_id)) return Error{Errc::malformed, "no digest of an image"};
  const auto file = root_ / "image/overlay2/imagedb/content/sha256" / hex_of(image_id);
  auto text = read_file(file, config_bytes_max);
  if (text && digest_of(*text) != image_id) {
    return Error{Errc::malformed, file.string() + ": has not the digest in its name"};
  }
  return text;
}

}  // namespace plimsoll
