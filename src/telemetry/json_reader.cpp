#include "telemetry/json_reader.h"

#include <fmt/format.h>

#include <cmath>

#include "core/text.h"

namespace plimsoll {
namespace {

namespace json = boost::json;

/// Whole doubles up to here are exact.
constexpr double exact_double_max = 9007199254740992.0;

std::optional<double> number_of(const json::value& value, JsonNumbers numbers) {
  if (value.is_double()) return value.get_double();
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  if (numbers == JsonNumbers::from_text && value.is_string()) {
    const auto& text = value.get_string();
    return parse_number<double>(trim({text.data(), text.size()}));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> whole_number_of(const json::value& value, JsonNumbers numbers) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64()) {
    if (value.get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value.get_int64());
  }
  if (numbers == JsonNumbers::from_text && value.is_string()) {
    const auto& text = value.get_string();
    if (auto number = parse_number<std::uint64_t>(trim({text.data(), text.size()}))) return number;
  }
  const auto number = number_of(value, numbers);
  if (!number || !(*number >= 0) || *number > exact_double_max) return std::nullopt;
  // A fraction of a byte is somebody's arithmetic; only text-tolerant reading rounds it away.
  if (numbers == JsonNumbers::strict && *number != std::floor(*number)) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

}  // namespace

Result<JsonDocument> JsonDocument::parse(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return Error{Errc::too_large,
                 fmt::format("JSON of {}, at most {} are read", format_bytes(text.size()),
                             format_bytes(limits.bytes_max))};
  }
  json::parse_options options;
  options.max_depth = limits.depth_max;
  JsonDocument document;
  document.memory_ = std::make_unique<json::monotonic_resource>();
  json::error_code error;
  auto root = json::parse({text.data(), text.size()}, error, document.memory_.get(), options);
  if (error) {
    return Error{Errc::malformed, fmt::format("not JSON ({}): starts with '{}'", error.message(),
                                              printable(text.substr(0, 48), 40))};
  }
  document.root_ = std::make_unique<json::value>(std::move(root));
  return document;
}

JsonFields::JsonFields(const json::value& root, std::optional<Error>& problem, JsonNumbers numbers)
    : problem_(&problem), numbers_(numbers) {
  open(root);
}

JsonFields::JsonFields(const json::value& value, const JsonFields& parent, std::string_view name,
                       std::size_t index)
    : problem_(parent.problem_),
      numbers_(parent.numbers_),
      parent_(&parent),
      name_(name),
      index_(index) {
  open(value);
}

void JsonFields::open(const json::value& value) {
  object_ = value.if_object();
  if (object_ == nullptr) fail("", "is not an object");
}

const json::value* JsonFields::member(std::string_view name) const {
  if (object_ == nullptr) return nullptr;
  const auto* found = object_->if_contains({name.data(), name.size()});
  return found == nullptr || found->is_null() ? nullptr : found;
}

const json::array* JsonFields::array_member(std::string_view name, std::size_t count_max) const {
  const auto* found = member(name);
  if (found == nullptr) return nullptr;
  const auto* array = found->if_array();
  if (array == nullptr) {
    fail(name, "is not an array");
  } else if (array->size() > count_max) {
    fail(name, fmt::format("has {} elements, at most {} are read", array->size(), count_max),
         Errc::too_large);
    return nullptr;
  }
  return array;
}

void JsonFields::assign(std::string_view name, const json::value& value, double& out,
                        double max) const {
  const auto number = number_of(value, numbers_);
  if (!number || !std::isfinite(*number)) return fail(name, "is not a number");
  if (*number < 0 || *number > max) {
    return fail(name, fmt::format("is not from 0 to {}", max), Errc::invalid);
  }
  out = *number;
}

void JsonFields::assign(std::string_view name, const json::value& value, std::uint64_t& out,
                        double max) const {
  const auto number = whole_number_of(value, numbers_);
  if (!number) {
    return fail(name, "is not a whole number from 0",
                value.is_number() ? Errc::invalid : Errc::malformed);
  }
  if (max<number_max&& static_cast<double>(*number)> max) {
    return fail(name, fmt::format("is above {}", max), Errc::invalid);
  }
  out = *number;
}

void JsonFields::assign(std::string_view name, const json::value& value, int& out,
                        double max) const {
  std::uint64_t number = 0;
  assign(name, value, number, std::min(max, 2147483647.0));
  out = static_cast<int>(number);
}

void JsonFields::assign(std::string_view name, const json::value& value, bool& out,
                        double /*max*/) const {
  if (!value.is_bool()) return fail(name, "is not true or false");
  out = value.get_bool();
}

void JsonFields::assign(std::string_view name, const json::value& value, std::string& out,
                        double /*max*/) const {
  const auto* text = value.if_string();
  if (text == nullptr) return fail(name, "is not a text");
  if (text->size() > text_bytes_max) return fail(name, "is too long a text");
  out.assign(text->data(), text->size());
}

void JsonFields::fail(std::string_view name, std::string_view what, Errc code) const {
  if (failed()) return;
  std::string where = path();
  if (!where.empty() && !name.empty()) where += '.';
  where += printable(name, 60);
  if (where.empty()) where = "the document";
  *problem_ = Error{code, fmt::format("{} {}", where, what)};
}

std::string JsonFields::path() const {
  if (parent_ == nullptr) return {};
  std::string text = parent_->path();
  if (!text.empty()) text += '.';
  text += printable(name_, 60);
  if (index_ != no_index) text += fmt::format("[{}]", index_);
  return text;
}

}  // namespace plimsoll
