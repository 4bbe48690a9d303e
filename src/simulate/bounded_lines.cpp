#include "simulate/bounded_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"

namespace plimsoll {

BoundedLines::BoundedLines(std::istream& in, std::string name, std::size_t line_bytes,
                           std::size_t all_bytes)
    : in_(in), name_(std::move(name)), line_bytes_(line_bytes), bytes_left_(all_bytes) {}

std::string BoundedLines::place() const {
  return fmt::format("{}:{}", printable(name_), std::max<std::size_t>(line_, 1));
}

Error BoundedLines::give_up(std::string message) {
  in_.setstate(std::ios::eofbit | std::ios::failbit);
  return {Errc::too_large, place() + ": " + std::move(message)};
}

Result<std::optional<std::string_view>> BoundedLines::next() {
  text_.clear();
  std::array<char, 16 << 10> piece{};
  for (;;) {
    in_.getline(piece.data(), piece.size());
    const auto got = static_cast<std::size_t>(in_.gcount());
    if (in_.bad()) return Error{Errc::io, printable(name_) + ": cannot be read"};
    const bool unended = in_.fail() && got + 1 == piece.size();
    if (in_.fail() && !unended) return std::optional<std::string_view>{};
    if (text_.empty()) ++line_;
    text_.append(piece.data(), unended || in_.eof() ? got : got - 1);
    if (text_.size() > line_bytes_) {
      return give_up("the line is longer than " + format_bytes(line_bytes_));
    }
    if (got > bytes_left_) return give_up("the file is too long");
    bytes_left_ -= got;
    if (!unended) break;
    in_.clear();
  }
  if (!text_.empty() && text_.back() == '\r') text_.pop_back();
  return std::optional<std::string_view>{text_};
}

}  // namespace plimsoll
