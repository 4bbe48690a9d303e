#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// A key that was pressed.
struct Key {
  enum class Name {
    text,     ///< `text` is one character, in UTF-8.
    control,  ///< With Ctrl: `text` is the letter, in lower case.
    enter,
    escape,
    backspace,
    tab,
    back_tab,
    up,
    down,
    left,
    right,
    page_up,
    page_down,
    home,
    end,
    other,  ///< One that has no meaning here.
  };
  Name name = Name::other;
  std::string text = {};

  [[nodiscard]] bool is(char c) const { return name == Name::text && text == std::string(1, c); }
  friend bool operator==(const Key&, const Key&) = default;
};

/// Makes keys out of what a terminal sends.
///
/// Source: ECMA-48 (CSI, SS3), and the keys of xterm, the Linux console and tmux.
class KeyReader {
 public:
  /// The keys that are complete now. A sequence may come in pieces.
  [[nodiscard]] std::vector<Key> feed(std::string_view bytes);
  /// Something has begun that is not complete: where nothing follows soon, call give_up().
  [[nodiscard]] bool is_waiting() const { return !pending_.empty(); }
  /// What began was all there is: a lone ESC is the key Esc.
  [[nodiscard]] std::vector<Key> give_up();

 private:
  std::string pending_;
};

}  // namespace plimsoll
