#pragma once

#include <string>
#include <vector>

#include "top/order.h"
#include "top/top_data.h"

namespace plimsoll {

/// A table of plain text: columns two blanks apart and as wide as their widest cell, nothing after
/// the last. What is unsafe in a terminal is made safe (glyphs.h); an empty cell becomes "-".
class PlainTable {
 public:
  struct Heading {
    std::string text;
    bool right = false;
  };
  explicit PlainTable(std::vector<Heading> headings) : headings_(std::move(headings)) {}
  void add(const std::vector<std::string>& cells);
  [[nodiscard]] std::string render() const;

 private:
  std::vector<Heading> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// What `plimsoll top --once` prints: a line about the fleet, the hosts in that order, their
/// containers, and moves where there are any; an empty line between two tables. Not cut to any
/// width, and without colours.
[[nodiscard]] std::string render_plain(const TopData& data, const std::vector<std::size_t>& hosts,
                                       const std::vector<ContainerPlace>& containers);

}  // namespace plimsoll
