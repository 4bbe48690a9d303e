#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace plimsoll {

struct SpoolFile {
  std::string name;
  std::uint64_t bytes = 0;
};

/// What the spool asks of the folder that it has for itself; the tests' own one tears writes, flips
/// bits and ends the program in the middle.
///
/// Errors: io, not_found - messages start with the file's path.
/// Thread: one at a time. Blocks: on the disk.
class SpoolFs {
 public:
  virtual ~SpoolFs() = default;

  /// Regular files, in no order.
  [[nodiscard]] virtual Result<std::vector<SpoolFile>> list() = 0;
  /// Less than `bytes` only where the file ends.
  [[nodiscard]] virtual Result<std::string> read(const std::string& name, std::uint64_t offset,
                                                 std::size_t bytes) = 0;
  /// Makes the file where it is missing. After a failure any part of `text` may be there.
  [[nodiscard]] virtual Result<void> append(const std::string& name, std::string_view text) = 0;
  /// What was appended outlasts a power failure from here on.
  [[nodiscard]] virtual Result<void> sync(const std::string& name) = 0;
  /// Readers see the old text or the new. May be lost with the power.
  [[nodiscard]] virtual Result<void> replace(const std::string& name, std::string_view text) = 0;
  [[nodiscard]] virtual Result<void> truncate(const std::string& name, std::uint64_t bytes) = 0;
  /// A file that is gone already is fine.
  [[nodiscard]] virtual Result<void> remove(const std::string& name) = 0;
  /// For people: the folder.
  [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace plimsoll
