#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "support/fake_tree.h"

namespace plimsoll::test {

/// A host's files as text: `=== PATH` starts a file, `+++ PATH` what it holds a second later, and
/// `=== engine/NAME` what the engine answers when asked about a container. A file starts with '#'
/// lines that say what it is.
struct RecordedTree {
  FakeTree now{};
  std::vector<FakeTree::File> later;
  std::vector<std::string> inspected;

  explicit RecordedTree(std::string_view text) {
    std::string mark, path, content;
    for (const auto line : split(text, '\n')) {
      if (line.starts_with("=== ") || line.starts_with("+++ ")) {
        take(mark, path, content);
        mark = line.substr(0, 3);
        path = line.substr(4);
        content.clear();
      } else if (!line.empty()) {
        content.append(line).append("\n");
      }
    }
    take(mark, path, content);
  }

 private:
  void take(const std::string& mark, const std::string& path, const std::string& content) {
    if (path.starts_with("engine/")) {
      inspected.push_back(content);
    } else if (mark == "===") {
      now.write(path, content);
    } else if (mark == "+++") {
      later.emplace_back(path, content);
    }
  }
};

}  // namespace plimsoll::test
