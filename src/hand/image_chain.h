#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace plimsoll {

/// More layers than any engine accepts (overlay2: 128) are no image.
inline constexpr std::size_t image_layers_max = 1000;

/// "sha256:" and 64 lower-case hex digits.
[[nodiscard]] bool is_digest(std::string_view text);
/// The hex digits of a digest. Requires: is_digest.
[[nodiscard]] std::string hex_of(std::string_view digest);
[[nodiscard]] std::string digest_of(std::string_view bytes);

/// The name of each layer together with all below it: the first is its diff id, each other the
/// digest of "CHAIN DIFF".
///
/// Source: OCI image-spec, config.md, "Layer ChainID".
/// Errors: malformed - no digests, or too many.
[[nodiscard]] Result<std::vector<std::string>> layer_chains(
    const std::vector<std::string>& diff_ids);

}  // namespace plimsoll
