#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "simulate/line_fields.h"

namespace plimsoll {

/// Most that a line may take up in memory once it is read. Ours: eight times the longest line.
inline constexpr std::size_t line_memory_max = std::size_t{512} << 20;

/// Reads a line that must be one JSON object, at most 32 levels deep, into `buffer` and what it
/// takes beyond, gives it to `use` and forgets it. What is wrong goes to `problems` and `use` is
/// not called.
void with_parsed_line(std::string_view line, std::span<unsigned char> buffer,
                      LineProblems& problems, const std::function<void(const json::object&)>& use);

}  // namespace plimsoll
