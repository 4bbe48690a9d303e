#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace plimsoll {

/// Hosts in parts that a store can answer for: all at once first, and halves where that was too
/// much. A part's names fit into a query of VictoriaMetrics, whose bound is 16 KiB by default
/// (-search.maxQueryLen).
class HostParts {
 public:
  /// `most`: so many in a part, as most() gave it an earlier time; 0: all at once.
  HostParts(std::vector<std::string> names, std::size_t most);

  /// The next part, nothing when all were given. An empty set stands for all hosts.
  [[nodiscard]] std::optional<std::set<std::string>> next();
  /// The last part was too much: next() begins with a smaller one. False: it cannot be smaller.
  [[nodiscard]] bool halve();
  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  std::vector<std::string> names_;
  std::size_t most_;
  std::size_t begin_ = 0;  // of the last part
  std::size_t end_ = 0;
  bool done_ = false;
};

}  // namespace plimsoll
