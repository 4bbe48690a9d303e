#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace plimsoll {

/// A name that cannot be mixed up with another kind of name.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  std::string text_;
};

/// A host's name as host.csv gives it.
using HostId = Id<struct HostTag>;
/// A container's name, without Docker's leading slash; unique on its host.
using ContainerName = Id<struct ContainerNameTag>;
/// A move's id: 12 lower-case letters and digits, safe in labels, names and shell words.
using MoveId = Id<struct MoveTag>;

}  // namespace plimsoll

template <class Tag>
struct std::hash<plimsoll::Id<Tag>> {
  std::size_t operator()(const plimsoll::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
