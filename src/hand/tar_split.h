#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/units.h"

namespace plimsoll {

/// A piece of a layer's tar: bytes as they are, or the content of a file.
struct TarPiece {
  std::string bytes;  ///< Of a piece without a file.
  std::string file;   ///< Its name in the layer; may hold any bytes but 0.
  std::uint64_t file_bytes = 0;
};

/// Reads one line of a tar-split file; nothing for an entry that stands for no bytes.
///
/// Source: github.com/vbatts/tar-split, tar/storage: type 1 is a file (name or name_raw, size),
/// type 2 a segment (payload in base64).
/// Errors: malformed.
[[nodiscard]] Result<std::optional<TarPiece>> parse_tar_split_line(std::string_view line);

/// Reads a tar-split.json.gz piece by piece: what a tar was made of besides its files' contents.
/// Errors: as parse_tar_split_line; not_found, io; too_large - a line of more than 32 MiB.
/// Blocks: on the disk.
class TarSplitReader {
 public:
  explicit TarSplitReader(const std::filesystem::path& file);
  ~TarSplitReader();
  TarSplitReader(const TarSplitReader&) = delete;
  TarSplitReader& operator=(const TarSplitReader&) = delete;

  /// The next piece; nothing at the end.
  [[nodiscard]] Result<std::optional<TarPiece>> next();

 private:
  [[nodiscard]] Result<bool> read_line();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// How long the tar is. Errors: the reader's; too_large - past 2^50.
[[nodiscard]] Result<Bytes> tar_bytes(const std::filesystem::path& tar_split);

}  // namespace plimsoll
