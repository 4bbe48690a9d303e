#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

namespace json = boost::json;

/// Reads a document from outside: at most 32 levels deep.
/// Errors: malformed - `what` and where it breaks off.
[[nodiscard]] Result<json::value> parse_json(std::string_view text, const std::string& what);

/// The member, or a null value where it is missing or `object` is none: paths into a document from
/// outside are walked without asking at each step.
[[nodiscard]] const json::value& member(const json::value& object, std::string_view name);

/// A text, or "".
[[nodiscard]] std::string text_of(const json::value& value);
/// A whole number that fits, or nothing.
[[nodiscard]] std::optional<std::int64_t> integer_of(const json::value& value);
/// True only for true.
[[nodiscard]] bool is_true(const json::value& value);
/// null, "", 0, false, [] and {}: what Docker writes for "not set".
[[nodiscard]] bool is_unset(const json::value& value);

}  // namespace plimsoll
