#include "fleet/host_parts.h"

#include <algorithm>
#include <utility>

namespace plimsoll {
namespace {

// Half of what a query may have, since a name may grow where it is written as a pattern.
constexpr std::size_t names_bytes_max = 8U << 10;

}  // namespace

HostParts::HostParts(std::vector<std::string> names, std::size_t most)
    : names_(std::move(names)), most_(most) {}

std::optional<std::set<std::string>> HostParts::next() {
  if (done_) return std::nullopt;
  std::set<std::string> part;
  if (most_ == 0) {
    done_ = true;
    return part;
  }
  begin_ = end_;
  std::size_t bytes = 0;
  while (end_ < names_.size() && end_ - begin_ < most_) {
    bytes += names_[end_].size() + 1;
    if (bytes > names_bytes_max && end_ > begin_) break;
    part.insert(names_[end_++]);
  }
  done_ = part.empty();
  return done_ ? std::nullopt : std::optional{std::move(part)};
}

bool HostParts::halve() {
  const bool all = most_ == 0;
  const std::size_t size = all ? names_.size() : end_ - begin_;
  if (size == 0 || (size == 1 && !all)) return false;
  most_ = (size + 1) / 2;
  end_ = begin_;
  done_ = false;
  return true;
}

}  // namespace plimsoll
