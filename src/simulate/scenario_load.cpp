#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "simulate/scenario_toml.h"

namespace plimsoll {
namespace {

constexpr std::size_t parts_max = 50;
constexpr std::size_t values_max = 100'000;

/// A number or a size; nothing if it is not what is wanted.
std::optional<double> amount_of(const toml::node& node, bool sizes) {
  if (!sizes) {
    const auto number = node.is_number() ? node.value<double>() : std::nullopt;
    return number && std::isfinite(*number) ? number : std::nullopt;
  }
  const auto text = node.value_exact<std::string>();
  const bool less = text && text->starts_with('-');
  const auto bytes = text ? parse_bytes(less ? text->substr(1) : *text) : std::nullopt;
  if (!bytes) return std::nullopt;
  return (less ? -1.0 : 1.0) * static_cast<double>(*bytes);
}

const char* what(bool sizes) {
  return sizes ? "must be a size with its unit, such as \"512MiB\"" : "must be a number";
}

const std::pair<const char*, CurveShape> shapes[] = {
    {"constant", CurveShape::constant}, {"step", CurveShape::step},
    {"spike", CurveShape::step},        {"ramp", CurveShape::ramp},
    {"sine", CurveShape::sine},         {"flash", CurveShape::flash},
    {"noise", CurveShape::noise},       {"recorded", CurveShape::recorded},
};

/// One part of a load: { step = 2.0, at = "5m", lasts = "20s" }.
class PartReader {
 public:
  PartReader(const toml::table& node, ScenarioTable table, bool sizes)
      : node_(node), table_(std::move(table)), sizes_(sizes) {}

  CurvePart read() {
    for (const auto& [key, shape] : shapes) {
      if (!table_.has(key)) continue;
      part_.shape = shape;
      key_ = key;
      read_shape();
      table_.refuse_unknown();
      return part_;
    }
    table_.problem("", "says no shape: constant, step, spike, ramp, sine, flash, noise, recorded");
    return part_;
  }

 private:
  void amount(const char* key) {
    table_.skip(key);
    const auto* node = node_.get(key);
    const auto value = node == nullptr ? std::optional{1.0} : amount_of(*node, sizes_);
    if (!value) return table_.problem(key, what(sizes_));
    part_.amount = *value;
  }

  /// A duration that must be longer than nothing.
  void span(const char* key, Duration& out, bool wanted) {
    if (wanted) table_.want(key);
    table_.read(key, out);
    if (table_.has(key) && out <= Duration{0}) table_.problem(key, "must be longer than 0");
    out = std::max(out, Duration{1});
  }

  void values() {
    table_.skip(key_);
    const auto* array = node_.get(key_)->as_array();
    if (array == nullptr || array->empty() || array->size() > values_max) {
      return table_.problem(key_, fmt::format("must be an array of 1 to {} values", values_max));
    }
    for (const toml::node& each : *array) {
      const auto value = amount_of(each, sizes_);
      if (!value) return table_.problem(key_, fmt::format("each {}", what(sizes_)));
      part_.values.push_back(*value);
    }
  }

  void read_recorded() {
    values();
    part_.amount = 1;
    table_.read("times", part_.amount);
    span("every", part_.every, true);
  }

  void read_shape() {
    table_.read("at", part_.at);
    if (part_.shape == CurveShape::recorded) return read_recorded();
    amount(key_);
    switch (part_.shape) {
      case CurveShape::constant:
      case CurveShape::recorded:
        return;
      case CurveShape::step:
        span("lasts", part_.lasts, std::string_view{key_} == "spike");
        if (table_.has("every")) span("every", part_.every, false);
        return;
      case CurveShape::ramp:
        return span("lasts", part_.lasts, true);
      case CurveShape::sine:
        return span("every", part_.every, true);
      case CurveShape::flash:
        span("rise", part_.rise, false);
        return span("halves", part_.halves, false);
      case CurveShape::noise:
        if (table_.has("every")) span("every", part_.every, false);
        return;
    }
  }

  const toml::table& node_;
  ScenarioTable table_;
  bool sizes_;
  const char* key_ = "";
  CurvePart part_;
};

}  // namespace

void ScenarioTable::read_load(std::string_view key, LoadCurve& out, bool sizes) {
  const auto* node = take(key);
  if (node == nullptr) return;
  std::vector<CurvePart> parts;
  const auto add = [&](const toml::node& each) {
    if (const auto* table = each.as_table()) {
      const ScenarioTable inner{*table, name_ + ": " + std::string{key}, problems_};
      parts.push_back(PartReader{*table, inner, sizes}.read());
    } else if (const auto amount = amount_of(each, sizes)) {
      parts.push_back({.amount = *amount});
    } else {
      problem(key, std::string{what(sizes)} +
                       ", a curve such as { step = …, at = \"5m\" }, or a "
                       "list of them, which are added");
    }
  };
  const auto* array = node->as_array();
  if (array == nullptr) {
    add(*node);
  } else if (array->size() > parts_max) {
    problem(key, fmt::format("at most {} parts", parts_max));
  } else {
    for (const toml::node& each : *array) add(each);
  }
  out = LoadCurve{std::move(parts)};
}

}  // namespace plimsoll
