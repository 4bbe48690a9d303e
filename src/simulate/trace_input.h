#pragma once

#include <fstream>
#include <istream>
#include <memory>
#include <string>

#include "core/result.h"
#include "simulate/zstd_input.h"

namespace plimsoll {

/// A file that is read as it is, or unpacked where its name ends in ".zst".
class TraceInput {
 public:
  explicit TraceInput(const std::string& path);

  [[nodiscard]] bool readable() const { return readable_; }
  [[nodiscard]] std::istream& stream() { return unpacked_ ? *unpacked_ : file_; }
  /// For messages: the path without its folders.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// What was wrong with the packing, once it was read; empty: nothing.
  [[nodiscard]] std::string problem() const { return zstd_ ? zstd_->problem() : std::string{}; }

 private:
  std::string name_;
  std::ifstream file_;
  bool readable_ = false;
  std::unique_ptr<ZstdInput> zstd_;
  std::unique_ptr<std::istream> unpacked_;
};

/// "PATH: cannot be read" with what to look at.
[[nodiscard]] Error unreadable_input(const std::string& path);
/// "NAME: what is wrong with its packing".
[[nodiscard]] Error broken_input(const TraceInput& input);

/// Gives `read(stream, name)` for a file; a packing that is broken goes before what it made of it.
template <class Read>
auto read_input_file(const std::string& path, Read read)
    -> decltype(read(std::declval<std::istream&>(), path)) {
  TraceInput input{path};
  if (!input.readable()) return unreadable_input(path);
  auto result = read(input.stream(), input.name());
  if (!input.problem().empty()) return broken_input(input);
  return result;
}

}  // namespace plimsoll
