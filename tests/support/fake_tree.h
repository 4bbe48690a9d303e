#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>

#include "support/temp_dir.h"

namespace plimsoll::test {

/// A folder that stands for a host's root: files by path, gone with it.
class FakeTree {
 public:
  using File = std::pair<std::string, std::string>;

  FakeTree(std::initializer_list<File> files) {
    for (const auto& [path, text] : files) write(path, text);
  }

  void write(const std::string& path, const std::string& text) const {
    const auto full = root() / std::filesystem::path{path}.relative_path();
    std::filesystem::create_directories(full.parent_path());
    std::ofstream{full, std::ios::binary} << text;
  }
  void write_all(std::initializer_list<File> files) const {
    for (const auto& [path, text] : files) write(path, text);
  }
  void remove(const std::string& path) const {
    std::filesystem::remove_all(root() / std::filesystem::path{path}.relative_path());
  }
  [[nodiscard]] const std::filesystem::path& root() const { return folder_.path(); }

 private:
  TempDir folder_;
};

}  // namespace plimsoll::test
