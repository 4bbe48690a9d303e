#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll {

/// Adds a whole number in 1 to 10 bytes: seven bits in each, the lowest first.
inline void append_varint(std::string& out, std::uint64_t value) {
  std::array<char, 10> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  std::size_t count = 0;
  while (value >= 0x80) {
    bytes[count++] = static_cast<char>(value | 0x80);
    value >>= 7U;
  }
  bytes[count++] = static_cast<char>(value);
  out.append(bytes.data(), count);
}

/// Small numbers of either sign as small numbers: 0, -1, 1, -2 become 0, 1, 2, 3.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return (bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1U) ^ ((value & 1U) != 0 ? ~std::uint64_t{0} : 0));
}

/// Adds a number in so many bytes, the lowest first.
template <class Unsigned>
void append_fixed(std::string& out, Unsigned value) {
  std::array<char, sizeof(Unsigned)> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (auto& byte : bytes) {
    byte = static_cast<char>(value & 0xffU);
    if constexpr (sizeof(Unsigned) > 1) value >>= 8U;
  }
  out.append(bytes.data(), bytes.size());
}

/// Takes apart what the functions above put together. Once something is missing it gives zeros and
/// nothing more, and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }

  template <class Unsigned>
  [[nodiscard]] Unsigned fixed() {
    const auto bytes = take(sizeof(Unsigned));
    Unsigned value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      if constexpr (sizeof(Unsigned) > 1) value <<= 8U;
      value |= static_cast<Unsigned>(static_cast<unsigned char>(bytes[i]));
    }
    return value;
  }

  [[nodiscard]] std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const auto bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::uint64_t fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace plimsoll
