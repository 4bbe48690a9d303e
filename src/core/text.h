#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

/// Without white space at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The pieces between separators; empty ones are kept, so "a,,b" gives three.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// ASCII lower case.
[[nodiscard]] std::string to_lower(std::string_view text);

/// The whole text as a number, or nothing: no white space, no sign for unsigned types, no rest.
template <class Number>
requires std::integral<Number> || std::floating_point<Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A size for people: "0 B", "512 KiB", "1.4 GiB".
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// Reads "512KiB", "100 MB", "1.5GiB", "4096 B"; a number without a unit is bytes. Nothing where it
/// is not of that form, negative, or past 2^53.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// Text from outside made fit to print on one line of a terminal: control characters and broken
/// UTF-8 become '?', and what is longer than `max_bytes` is cut and marked with "…".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 200);

/// A name that may stand in a path, a shell word and a label as it is:
/// [A-Za-z0-9][A-Za-z0-9_.-]*, at most 255 bytes (Docker's own rule for container names).
[[nodiscard]] bool is_safe_name(std::string_view text);

/// An absolute path that may stand in a shell word as it is: starts with '/', made of
/// [A-Za-z0-9_./@:+=,-], without a ".." part, at most 4096 bytes.
[[nodiscard]] bool is_safe_path(std::string_view text);

/// FNV-1a, 64 bits: the same on every machine and in every run, unlike std::hash.
[[nodiscard]] std::uint64_t stable_hash(std::string_view text);

}  // namespace plimsoll
