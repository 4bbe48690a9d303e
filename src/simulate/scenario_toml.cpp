#include "simulate/scenario_toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/suggest.h"
#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t problems_shown_max = 50;
constexpr std::size_t problem_bytes_max = 1000;
/// Larger counts are a slip of the pen.
constexpr std::size_t count_max = 1'000'000;

std::optional<std::size_t> count_of(const toml::node* node, std::size_t most) {
  const auto value = node == nullptr ? std::nullopt : node->value_exact<std::int64_t>();
  if (!value || *value < 0 || std::cmp_greater(*value, most)) return std::nullopt;
  return static_cast<std::size_t>(*value);
}

std::optional<CountRange> range_of(const toml::node& node) {
  if (const auto exact = count_of(&node, count_max)) return CountRange{*exact, *exact};
  const auto* array = node.as_array();
  if (array == nullptr || array->size() != 2) return std::nullopt;
  const auto least = count_of(array->get(0), count_max);
  const auto most = count_of(array->get(1), count_max);
  if (!least || !most || *least > *most) return std::nullopt;
  return CountRange{*least, *most};
}

/// One text or several; nothing if it is neither.
std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
  if (const auto one = node.value_exact<std::string>()) return std::vector{*one};
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    const auto text = element.value_exact<std::string>();
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

}  // namespace

void ScenarioProblems::add(std::size_t line, std::string_view where, const std::string& message) {
  const std::string place = line == 0 ? file_ : fmt::format("{}:{}", file_, line);
  problems_.push_back(
      {line, fmt::format("{}: {}{}{}", place, where, where.empty() ? "" : ": ", message)});
}

std::string ScenarioProblems::text() const {
  auto sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::string out;
  for (std::size_t i = 0; i < std::min(sorted.size(), problems_shown_max); ++i) {
    out += (i == 0 ? "" : "\n") + printable(sorted[i].text, problem_bytes_max);
  }
  if (sorted.size() <= problems_shown_max) return out;
  return out + fmt::format("\n{}: and {} more", file_, sorted.size() - problems_shown_max);
}

const toml::node* ScenarioTable::take(std::string_view key) {
  known_.emplace(key);
  return table_.get(key);
}

std::size_t ScenarioTable::line(std::string_view key) const {
  const auto* node = table_.get(key);
  return node == nullptr ? line() : node->source().begin.line;
}

void ScenarioTable::problem(std::string_view key, const std::string& message) {
  const std::string dot = name_.empty() || key.empty() ? "" : ": ";
  problems_.add(line(key), name_ + dot + std::string{key}, message);
}

void ScenarioTable::read(std::string_view key, std::string& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  if (!value) return problem(key, "must be a text in quotes");
  out = *value;
}

void ScenarioTable::read(std::string_view key, double& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value || !std::isfinite(*value) || *value < 0) {
    return problem(key, "must be a number, 0 or more");
  }
  out = *value;
}

void ScenarioTable::read(std::string_view key, bool& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<bool>();
  if (!value) return problem(key, "must be true or false");
  out = *value;
}

void ScenarioTable::read(std::string_view key, Duration& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  const auto duration = value ? parse_duration(*value) : Error{Errc::malformed, ""};
  if (!duration) return problem(key, "must be a duration with its unit, such as \"90s\" or \"5m\"");
  out = *duration;
}

void ScenarioTable::read(std::string_view key, Bytes& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  const auto bytes = text ? parse_bytes(*text) : std::nullopt;
  if (!bytes) return problem(key, "must be a size with its unit, such as \"512MiB\"");
  out = Bytes{*bytes};
}

void ScenarioTable::read(std::string_view key, std::size_t& out, std::size_t most) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto value = count_of(node, most);
  if (!value) return problem(key, fmt::format("must be a whole number from 0 to {}", most));
  out = *value;
}

void ScenarioTable::read(std::string_view key, CountRange& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto range = range_of(*node);
  if (!range) return problem(key, "must be a number, or at least and at most, such as [1, 3]");
  out = *range;
}

void ScenarioTable::read(std::string_view key, std::vector<std::string>& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  auto texts = texts_of(*node);
  if (!texts) return problem(key, "must be a text or an array of texts");
  out = std::move(*texts);
}

void ScenarioTable::read(std::string_view key, std::map<std::string, std::string>& out) {
  const auto* node = take(key);
  if (node == nullptr) return;
  const auto* table = node->as_table();
  if (table == nullptr) return problem(key, "must be a table of texts, such as { zone = \"a\" }");
  for (const auto& [name, value] : *table) {
    const auto text = value.value_exact<std::string>();
    if (!text) return problem(key, fmt::format("{} must be a text in quotes", name.str()));
    out[std::string{name.str()}] = *text;
  }
}

void ScenarioTable::want(std::string_view key) {
  if (!has(key)) problems_.add(line(), name_, fmt::format("{} is missing", key));
}

std::vector<ScenarioTable> ScenarioTable::tables(std::string_view key, std::size_t most) {
  std::vector<ScenarioTable> found;
  const auto* node = take(key);
  if (node == nullptr) return found;
  const auto* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
    problem(key, fmt::format("is a list of tables: write [[{}]] before each", key));
    return found;
  }
  if (array->size() > most) {
    problem(key, fmt::format("at most {} of them", most));
    return found;
  }
  for (const toml::node& element : *array) {
    found.emplace_back(*element.as_table(), name_ + std::string{key}, problems_);
  }
  return found;
}

std::optional<ScenarioTable> ScenarioTable::table(std::string_view key) {
  const auto* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_table()) {
    problem(key, fmt::format("is a table: write [{}] and its keys below", key));
    return std::nullopt;
  }
  return ScenarioTable{*node->as_table(), std::string{key}, problems_};
}

std::vector<std::string> ScenarioTable::keys() const {
  std::vector<std::string> names;
  for (const auto& [name, node] : table_) names.emplace_back(name.str());
  return names;
}

void ScenarioTable::refuse_unknown() {
  const std::vector<std::string> names{known_.begin(), known_.end()};
  for (const auto& [name, node] : table_) {
    if (known_.contains(name.str())) continue;
    problem(name.str(), "no such key" + did_you_mean(name.str(), names));
  }
}

}  // namespace plimsoll
