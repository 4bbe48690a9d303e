#include "simulate/line_fields.h"

#include <fmt/format.h>

#include <cmath>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t problems_shown_max = 20;

}  // namespace

void LineProblems::add(std::string what) {
  if (count_++ < problems_shown_max) first_.push_back(std::move(what));
}

std::string LineProblems::text(std::string_view between) const {
  std::string text;
  for (const std::string& problem : first_) {
    if (!text.empty()) text += between;
    text += printable(problem, 1000);
  }
  if (count_ > first_.size()) {
    text += fmt::format("{}and {} more", between, count_ - first_.size());
  }
  return text;
}

std::string LinePlace::of(std::string_view field) const {
  std::string place{list};
  if (index) place += fmt::format("[{}]", *index);
  if (!name.empty()) place += fmt::format(" '{}'", printable(name, 80));
  if (field.empty()) return place;
  return place.empty() ? std::string{field} : fmt::format("{}.{}", place, field);
}

std::optional<double> number_of(const json::value& value) {
  if (const auto* whole = value.if_int64()) return static_cast<double>(*whole);
  if (const auto* whole = value.if_uint64()) return static_cast<double>(*whole);
  const auto* number = value.if_double();
  if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
  return *number;
}

const json::value* LineFields::find(std::string_view field) const {
  const json::value* value = object_.if_contains(field);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void LineFields::problem(std::string_view field, std::string_view what) const {
  problems_.add(fmt::format("{}: {}", place_.of(field), what));
}

std::optional<double> LineFields::amount(std::string_view field) const {
  const json::value* value = find(field);
  if (value == nullptr) return std::nullopt;
  const auto number = number_of(*value);
  if (number && *number >= 0 && *number <= amount_max) return number;
  problem(field, "must be a number from 0 to 2^53");
  return std::nullopt;
}

std::optional<std::string> LineFields::text(std::string_view field) const {
  const json::value* value = find(field);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string{*text};
  problem(field, "must be a text");
  return std::nullopt;
}

bool LineFields::flag(std::string_view field) const {
  const json::value* value = find(field);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  problem(field, "must be true or false");
  return false;
}

std::string LineFields::name(std::string_view field) const {
  const json::value* value = find(field);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  if (text != nullptr && !text->empty() && text->size() <= name_bytes_max) {
    return std::string{*text};
  }
  problem(field, fmt::format("must be a text of 1 to {} bytes", name_bytes_max));
  return {};
}

const json::object* LineFields::object(std::string_view field) const {
  const json::value* value = find(field);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) problem(field, "must be an object");
  return value->if_object();
}

const json::array* LineFields::array(std::string_view field) const {
  const json::value* value = find(field);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) problem(field, "must be an array");
  return value->if_array();
}

}  // namespace plimsoll
