#include "core/suggest.h"

#include <algorithm>
#include <numeric>

#include "core/text.h"

namespace plimsoll {
namespace {

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t word_bytes_max = 100;
  if (word.size() > word_bytes_max) return {};
  const std::string lower = to_lower(word);
  std::size_t best = word.size() / 3 + 2;  // a third of it wrong, or one slip in a short word
  std::string found;
  for (const auto& candidate : candidates) {
    const std::size_t apart = distance(lower, candidate);
    if (apart >= best) continue;
    best = apart;
    found = candidate;
  }
  return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string found = closest(word, candidates);
  return found.empty() ? "" : "; did you mean '" + found + "'?";
}

}  // namespace plimsoll
