#include "terminal/glyphs.h"

#include <utf8proc.h>

#include <algorithm>

namespace plimsoll {
namespace {

constexpr std::int32_t joiner = 0x200D;

struct Decoded {
  std::int32_t point = -1;  ///< Negative: no UTF-8.
  std::size_t size = 1;
};

Decoded decode(std::string_view text) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const std::size_t size = std::min(text.size(), bytes.size());
  std::copy_n(text.begin(), size, bytes.begin());
  utf8proc_int32_t point = -1;
  const auto used = utf8proc_iterate(bytes.data(), static_cast<utf8proc_ssize_t>(size), &point);
  if (used <= 0) return {};
  return {point, static_cast<std::size_t>(used)};
}

bool is_mark(std::int32_t point) {
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

/// U+FE00 to U+FE0F choose between pictures of one character.
bool is_selector(std::int32_t point) { return point >= 0xFE00 && point <= 0xFE0F; }

bool is_shown(std::int32_t point) {
  constexpr std::array hidden{UTF8PROC_CATEGORY_CN, UTF8PROC_CATEGORY_CC, UTF8PROC_CATEGORY_CF,
                              UTF8PROC_CATEGORY_CS, UTF8PROC_CATEGORY_CO, UTF8PROC_CATEGORY_ZL,
                              UTF8PROC_CATEGORY_ZP, UTF8PROC_CATEGORY_MN, UTF8PROC_CATEGORY_ME};
  const bool is_hidden = std::ranges::find(hidden, utf8proc_category(point)) != hidden.end();
  return !is_hidden && utf8proc_charwidth(point) > 0;
}

/// How many bytes the first character has, if it is one that is known without a table, one column
/// wide, and that no mark follows; else 0. Nearly all there is: printable ASCII, and the lines,
/// blocks and dots of our own pictures (U+2500 to U+25BF, U+00B7).
std::size_t simple_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t size = 0;
  if (byte(0) >= 0x20 && byte(0) < 0x7F) {
    size = 1;
  } else if (text.starts_with("·")) {
    size = 2;
  } else if (text.size() >= 3 && byte(0) == 0xE2 && byte(1) >= 0x94 && byte(1) <= 0x96) {
    size = byte(2) >= 0x80 && byte(2) < 0xC0 ? 3 : 0;
  }
  return size == 0 || text.size() == size || byte(size) < 0x80 ? size : 0;
}

void append(Glyph& glyph, std::string_view bytes) {
  if (glyph.size + bytes.size() > Glyph::bytes_max) return;
  std::copy(bytes.begin(), bytes.end(), glyph.bytes.begin() + glyph.size);
  glyph.size = static_cast<std::uint8_t>(glyph.size + bytes.size());
}

}  // namespace

std::optional<Glyph> GlyphReader::next() {
  if (rest_.empty()) return std::nullopt;
  Glyph glyph;
  if (const std::size_t size = simple_size(rest_); size > 0) {
    std::copy_n(rest_.begin(), size, glyph.bytes.begin());
    glyph.size = static_cast<std::uint8_t>(size);
    rest_.remove_prefix(size);
    return glyph;
  }
  const auto first = static_cast<unsigned char>(rest_.front());
  const Decoded decoded = first < 0x80 ? Decoded{first, 1} : decode(rest_);
  const std::string_view bytes = rest_.substr(0, decoded.size);
  rest_.remove_prefix(decoded.size);
  const bool is_blank =
      decoded.point >= 0 && utf8proc_category(decoded.point) == UTF8PROC_CATEGORY_ZS;
  const bool is_safe = decoded.point >= 0 && is_shown(decoded.point);
  append(glyph, is_blank ? " " : is_safe ? bytes : "?");
  if (is_safe && !is_blank && utf8proc_charwidth(decoded.point) == 2) glyph.columns = 2;
  take_marks(glyph);
  return glyph;
}

std::string_view GlyphReader::take_ascii() {
  std::size_t size = 0;
  while (size < rest_.size() && rest_[size] >= 0x20 && rest_[size] < 0x7F) ++size;
  // A mark may follow the last one.
  if (size > 0 && size < rest_.size() && static_cast<unsigned char>(rest_[size]) >= 0x80) --size;
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

void GlyphReader::take_marks(Glyph& glyph) {
  while (!rest_.empty() && static_cast<unsigned char>(rest_.front()) >= 0x80) {
    const Decoded decoded = decode(rest_);
    if (decoded.point < 0) return;
    const bool left_out = decoded.point == joiner || is_selector(decoded.point);
    if (!left_out && !is_mark(decoded.point)) return;
    if (!left_out) append(glyph, rest_.substr(0, decoded.size));
    rest_.remove_prefix(decoded.size);
  }
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  GlyphReader reader{text};
  for (;;) {
    columns += reader.take_ascii().size();
    const auto glyph = reader.next();
    if (!glyph) return columns;
    columns += glyph->columns;
  }
}

}  // namespace plimsoll
