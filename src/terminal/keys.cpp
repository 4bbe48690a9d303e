#include "terminal/keys.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace plimsoll {
namespace {

constexpr char esc = '\x1b';
/// No terminal sends a longer sequence; what does not end here never will.
constexpr std::size_t sequence_max = 32;

/// A key and the bytes it took; no bytes: more must come first.
struct Taken {
  std::size_t bytes = 0;
  Key key;
};

Key::Name letter_key(char final) {
  constexpr std::array<std::pair<char, Key::Name>, 8> letters{{{'A', Key::Name::up},
                                                               {'B', Key::Name::down},
                                                               {'C', Key::Name::right},
                                                               {'D', Key::Name::left},
                                                               {'H', Key::Name::home},
                                                               {'F', Key::Name::end},
                                                               {'Z', Key::Name::back_tab},
                                                               {'M', Key::Name::enter}}};
  for (const auto& [letter, name] : letters) {
    if (letter == final) return name;
  }
  return Key::Name::other;
}

Key::Name numbered_key(std::string_view number) {
  constexpr std::array<std::pair<std::string_view, Key::Name>, 6> numbers{
      {{"1", Key::Name::home},
       {"4", Key::Name::end},
       {"5", Key::Name::page_up},
       {"6", Key::Name::page_down},
       {"7", Key::Name::home},
       {"8", Key::Name::end}}};
  for (const auto& [text, name] : numbers) {
    if (text == number) return name;
  }
  return Key::Name::other;
}

/// After "ESC [": parameters, then a final byte.
Taken take_csi(std::string_view bytes) {
  for (std::size_t i = 2; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c >= 0x40 && c <= 0x7e) {
      const std::string_view parameters = bytes.substr(2, i - 2);
      if (c == '~') return {i + 1, {numbered_key(parameters.substr(0, parameters.find(';')))}};
      // M with no parameters is how the mouse was once told; we never ask for it.
      return {i + 1, {c == 'M' ? Key::Name::other : letter_key(c)}};
    }
    if (c < 0x20 || c > 0x3f || i >= sequence_max) return {i, {}};
  }
  return {};
}

Taken take_escape(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  if (bytes[1] == '[') return take_csi(bytes);
  if (bytes[1] != 'O') return {1, {Key::Name::escape}};
  if (bytes.size() < 3) return {};
  return {3, {letter_key(bytes[2])}};
}

Key control_key(char c) {
  switch (c) {
    case '\r':
    case '\n':
      return {Key::Name::enter};
    case '\t':
      return {Key::Name::tab};
    case '\b':
    case '\x7f':
      return {Key::Name::backspace};
    default:
      break;
  }
  if (c < 1 || c > 26) return {};
  return {Key::Name::control, std::string(1, static_cast<char>('a' + c - 1))};
}

std::size_t length_of(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

Taken take_text(std::string_view bytes) {
  const std::size_t length = length_of(static_cast<unsigned char>(bytes.front()));
  if (length == 0) return {1, {}};
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= bytes.size()) return {};
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0U) != 0x80) return {i, {}};
  }
  return {length, {Key::Name::text, std::string{bytes.substr(0, length)}}};
}

Taken take(std::string_view bytes) {
  const char first = bytes.front();
  if (first == esc) return take_escape(bytes);
  const bool control = (first >= 0 && first < 0x20) || first == 0x7f;
  if (control) return {1, control_key(first)};
  return take_text(bytes);
}

}  // namespace

std::vector<Key> KeyReader::feed(std::string_view bytes) {
  std::vector<Key> keys;
  pending_ += bytes;
  std::string_view rest = pending_;
  while (!rest.empty()) {
    Taken taken = take(rest);
    if (taken.bytes == 0) break;
    keys.push_back(std::move(taken.key));
    rest.remove_prefix(taken.bytes);
  }
  pending_ = std::string{rest};
  return keys;
}

std::vector<Key> KeyReader::give_up() {
  const std::string begun = std::exchange(pending_, {});
  if (begun.empty()) return {};
  return {Key{begun == std::string(1, esc) ? Key::Name::escape : Key::Name::other}};
}

}  // namespace plimsoll
