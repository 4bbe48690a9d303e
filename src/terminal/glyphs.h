#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plimsoll {

/// One character as a terminal shows it: a letter with the marks on it.
struct Glyph {
  static constexpr std::size_t bytes_max = 11;
  std::array<char, bytes_max> bytes{};
  std::uint8_t size = 0;
  std::uint8_t columns = 1;  ///< 1 or 2.

  [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
};

/// Takes text from anywhere apart into glyphs that are safe to send to a terminal.
///
/// What could steer the terminal, turn the direction of writing or be seen by nobody (control and
/// format characters, line separators, unassigned ones, broken UTF-8) becomes '?'; every kind of
/// blank becomes a blank. Marks that do not fit into a glyph are left out, and so are selectors of
/// variants and joiners of emoji, on whose width no two terminals agree.
/// Source: general categories and East Asian widths of Unicode 15, as utf8proc has them.
class GlyphReader {
 public:
  /// Requires: the text outlives the reader.
  explicit GlyphReader(std::string_view text) : rest_(text) {}
  /// The next glyph; nothing at the end.
  [[nodiscard]] std::optional<Glyph> next();
  /// Takes the printable ASCII in front off, each byte of which is a glyph; none may be left. The
  /// same glyphs as next() gives, many at once.
  [[nodiscard]] std::string_view take_ascii();

 private:
  void take_marks(Glyph& glyph);
  std::string_view rest_;
};

/// How many columns a text takes, shown glyph by glyph.
[[nodiscard]] std::size_t columns_of(std::string_view text);

}  // namespace plimsoll
