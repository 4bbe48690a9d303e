#include "hand/image_chain.h"

#include <algorithm>

#include "core/text.h"
#include "hand/sha256.h"

namespace plimsoll {
namespace {

constexpr std::string_view digest_kind = "sha256:";
constexpr std::size_t digest_bytes = digest_kind.size() + 64;

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

bool is_digest(std::string_view text) {
  return text.size() == digest_bytes && text.starts_with(digest_kind) &&
         std::all_of(text.begin() + digest_kind.size(), text.end(), is_lower_hex);
}

std::string hex_of(std::string_view digest) {
  return std::string{digest.substr(digest_kind.size())};
}

std::string digest_of(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes);
  return std::string{digest_kind} + to_hex(sum.finish());
}

Result<std::vector<std::string>> layer_chains(const std::vector<std::string>& diff_ids) {
  if (diff_ids.size() > image_layers_max) {
    return Error{Errc::malformed,
                 "an image of more than " + std::to_string(image_layers_max) + " layers"};
  }
  std::vector<std::string> chains;
  for (const auto& diff : diff_ids) {
    if (!is_digest(diff)) {
      return Error{Errc::malformed, "no digest of a layer: " + printable(diff, 100)};
    }
    chains.push_back(chains.empty() ? diff : digest_of(chains.back() + " " + diff));
  }
  return chains;
}

}  // namespace plimsoll
