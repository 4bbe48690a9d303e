#include "docker/json_access.h"

#include <fmt/format.h>

namespace plimsoll {

Result<json::value> parse_json(std::string_view text, const std::string& what) {
  json::parse_options options;
  options.max_depth = 32;
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return Error{Errc::malformed, fmt::format("{}: not JSON: {}", what, error.message())};
  return value;
}

const json::value& member(const json::value& object, std::string_view name) {
  static const json::value nothing;
  const auto* fields = object.if_object();
  if (fields == nullptr) return nothing;
  const auto* found = fields->if_contains({name.data(), name.size()});
  return found == nullptr ? nothing : *found;
}

std::string text_of(const json::value& value) {
  const auto* text = value.if_string();
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

std::optional<std::int64_t> integer_of(const json::value& value) {
  boost::system::error_code error;
  const auto number = value.to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

bool is_true(const json::value& value) { return value.is_bool() && value.get_bool(); }

bool is_unset(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return true;
    case json::kind::bool_:
      return !value.get_bool();
    case json::kind::int64:
      return value.get_int64() == 0;
    case json::kind::uint64:
      return value.get_uint64() == 0;
    case json::kind::double_:
      return value.get_double() == 0.0;
    case json::kind::string:
      return value.get_string().empty();
    case json::kind::array:
      return value.get_array().empty();
    case json::kind::object:
      return value.get_object().empty();
  }
  return true;
}

}  // namespace plimsoll
