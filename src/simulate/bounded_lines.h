#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

/// The lines of a text from outside, none longer than a bound, nor all of them together. LF or CRLF
/// ends a line.
class BoundedLines {
 public:
  /// `name`: the text's, for messages. Requires: `in` outlives it.
  BoundedLines(std::istream& in, std::string name, std::size_t line_bytes, std::size_t all_bytes);

  /// The next line, valid until the next call; nothing at the end. An error is the last answer.
  /// Errors: too_large - with the line; io - the stream broke.
  [[nodiscard]] Result<std::optional<std::string_view>> next();

  /// "NAME:LINE" of the line that next() gave last.
  [[nodiscard]] std::string place() const;

 private:
  Error give_up(std::string message);

  std::istream& in_;
  std::string name_;
  std::size_t line_bytes_;
  std::size_t bytes_left_;
  std::size_t line_ = 0;
  std::string text_;
};

}  // namespace plimsoll
