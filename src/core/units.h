#pragma once

#include <compare>
#include <cstdint>

namespace plimsoll {

/// An amount of data.
/// Unit: bytes.
enum class Bytes : std::uint64_t {};

[[nodiscard]] constexpr std::uint64_t count(Bytes bytes) {
  return static_cast<std::uint64_t>(bytes);
}
[[nodiscard]] constexpr double as_double(Bytes bytes) { return static_cast<double>(count(bytes)); }
constexpr Bytes operator+(Bytes a, Bytes b) { return Bytes{count(a) + count(b)}; }
constexpr Bytes& operator+=(Bytes& a, Bytes b) { return a = a + b; }

inline constexpr std::uint64_t kib = 1024;
inline constexpr std::uint64_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024 * mib;

}  // namespace plimsoll
