#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "core/result.h"
#include "telemetry/point.h"

namespace plimsoll {

/// Whether a file holds line protocol (as `plimsoll export` writes it) rather than JSON, by the
/// first character that says something.
[[nodiscard]] bool holds_line_protocol(const std::string& file);

/// Reads the points of a file of line protocol, some thousand at a time.
class LineFile {
 public:
  explicit LineFile(std::string file);

  /// None at the end.
  /// Errors: malformed - with file and line.
  [[nodiscard]] Result<std::vector<Point>> next();

 private:
  std::string file_;
  std::ifstream in_;
  std::size_t lines_ = 0;
};

}  // namespace plimsoll
