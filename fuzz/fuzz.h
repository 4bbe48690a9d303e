#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/result.h"
#include "core/text.h"

/// What libFuzzer calls with each input; every target of this folder defines one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace plimsoll::fuzz {

/// Ends the program where an oracle does not hold: libFuzzer keeps the input as a find.
inline void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "\noracle: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

[[nodiscard]] inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are what we are given
  return {reinterpret_cast<const char*>(data), size};
}

/// Messages go to terminals and logs: bounded, nothing in them that a terminal would obey.
inline void require_fit_to_print(std::string_view message) {
  require(!message.empty() && message.size() < (64U << 10), "a message is empty or endless");
  for (const auto line : split(message, '\n')) {
    require(printable(line, line.size()) == line, "a message holds what a terminal would obey");
  }
}

/// An error tells where: each line of its message starts with `place` or holds it.
inline void require_place(const Error& error, std::string_view place) {
  require_fit_to_print(error.message);
  for (const auto line : split(error.message, '\n')) {
    require(line.find(place) != std::string_view::npos, "an error does not say where");
  }
}

}  // namespace plimsoll::fuzz
