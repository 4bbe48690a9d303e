#pragma once

#include <functional>
#include <vector>

#include "core/units.h"
#include "hand/sha256.h"
#include "hand/tree_walk.h"

namespace plimsoll {

/// What came of reading one regular file.
struct ReadContents {
  enum class End { read, changed, gone };
  Sha256Sum sum{};
  Bytes bytes{};
  End end = End::read;
};

/// SHA-256 of each file's contents, several at a time. `changed`: it is not what the walk saw, or
/// did not stay so; `gone`: there is no such file any more.
/// Errors: io - the first file that cannot be read. Blocks: on the disk.
[[nodiscard]] Result<std::vector<ReadContents>> read_contents(
    const std::filesystem::path& root, const std::vector<const TreeEntry*>& files,
    unsigned threads);

}  // namespace plimsoll
