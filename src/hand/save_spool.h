#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hand/byte_out.h"
#include "runtime/http_client.h"

namespace plimsoll {

/// What `docker save` writes, taken up as it streams: what is wanted of it lies in a file without a
/// name, which is gone with us. Reads the layouts of 20.10, of 26 and of containerd's store, whose
/// layers may be compressed.
///
/// Errors: malformed - no such archive; io - the disk (the message names the folder).
/// Blocks: on the disk.
class SaveSpool : public ByteSink {
 public:
  /// `folder`: where the file lies. `passed_over`: files of these names are not kept.
  SaveSpool(std::filesystem::path folder, std::set<std::string> passed_over);
  ~SaveSpool() override;

  Task<Result<void>> write(std::string_view chunk) override;

  /// The same, without a coroutine around it.
  [[nodiscard]] Result<void> take(std::string_view chunk);

  struct Saved {
    std::string config;
    std::vector<std::string> layers;  ///< Names of files, lowest first.
  };
  /// What manifest.json says. Requires: the archive is over.
  [[nodiscard]] Result<Saved> saved() const;
  /// How long the layer's tar is, and whether it has that digest. Errors: not_found; malformed.
  [[nodiscard]] Result<Bytes> check_layer(const std::string& name,
                                          const std::string& diff_id) const;
  /// Errors: as check_layer's, and those of `out`.
  [[nodiscard]] Result<void> write_layer(const std::string& name, ByteOut* out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
