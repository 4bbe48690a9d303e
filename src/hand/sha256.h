#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace plimsoll {

using Sha256Sum = std::array<unsigned char, 32>;

/// SHA-256, piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void add(const void* data, std::size_t bytes);
  void add(std::string_view text) { add(text.data(), text.size()); }
  /// A whole number as eight bytes, lowest first: the same on every machine.
  void add_number(std::uint64_t number);
  /// Its length first, so that "ab" "c" is not "a" "bc".
  void add_text(std::string_view text);
  /// The sum; it begins anew then.
  [[nodiscard]] Sha256Sum finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 64 hex digits.
[[nodiscard]] std::string to_hex(const Sha256Sum& sum);

}  // namespace plimsoll
