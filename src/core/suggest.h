#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// The candidate that a misspelt word most likely meant, or nothing near enough.
[[nodiscard]] std::string closest(std::string_view word,
                                  const std::vector<std::string>& candidates);

/// "; did you mean 'X'?", or "" where nothing comes near.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace plimsoll
