#include "decide/fleet.h"

#include "core/text.h"

namespace plimsoll {

std::vector<std::uint64_t> chain_ids(const std::vector<std::string>& diff_ids) {
  std::vector<std::uint64_t> chains;
  chains.reserve(diff_ids.size());
  std::string below;
  for (const std::string& diff_id : diff_ids) {
    chains.push_back(stable_hash(below + diff_id));
    below = std::to_string(chains.back()) + ' ';
  }
  return chains;
}

}  // namespace plimsoll
