#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace plimsoll {

/// What a user types to see fewer rows: a part of a name or a regular expression, without regard
/// to the case of ASCII letters; '!' in front turns it around. What is no regular expression, such
/// as one half typed, is looked for as it stands.
///
/// Source: the syntax is RE2's (linear in the text, whatever the pattern); `^` and `$` also match
/// at
///         line breaks.
class TextFilter {
 public:
  explicit TextFilter(std::string_view typed = {});
  /// Everything matches.
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  [[nodiscard]] bool finds(std::string_view text) const;

  struct Pattern;
  std::string text_;  ///< In lower case.
  bool inverse_ = false;
  std::shared_ptr<const Pattern> pattern_;  ///< Null: `text_` is looked for as it is.
};

}  // namespace plimsoll
