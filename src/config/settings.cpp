#include "config/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

#include "config/toml.h"
#include "core/suggest.h"
#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t problems_shown_max = 50;
constexpr std::size_t problem_bytes_max = 1000;

struct Problem {
  std::size_t line = 0;  // 0: not in the file
  std::string key;
  std::string text;
};

std::string words_of(const toml::parse_error& error) {
  std::ostringstream out;
  out << error.description();
  return out.str();
}

/// VALUE of --set as TOML, or as the text it is.
toml::table parse_value(std::string_view value) {
  const std::string quotable{value};
  auto parsed = toml::parse("value = " + quotable);
  if (parsed && parsed.table().size() == 1) return std::move(parsed).table();
  toml::table text;
  text.insert_or_assign("value", quotable);
  return text;
}

}  // namespace

class Settings::Impl {
 public:
  Impl(std::string_view text, std::string file) : file_(std::move(file)) {
    auto parsed = toml::parse(text, file_);
    if (parsed) {
      root_ = std::move(parsed).table();
      return;
    }
    const auto line = parsed.error().source().begin.line;
    broken_ = true;
    problems_.push_back(
        {line, "", fmt::format("{}:{}: {}", file_, line, words_of(parsed.error()))});
  }

  /// The node, noting that its key is known.
  const toml::node* take(std::string_view key) {
    known_.insert(std::string{key});
    return find(key);
  }
  [[nodiscard]] const toml::node* find(std::string_view key) const {
    return root_.at_path(key).node();
  }
  void override_with(const std::string& assignment);
  void problem(std::string_view key, const toml::node* node, const std::string& message);
  void refuse_unknown() {
    if (!broken_) refuse_unknown(root_, "");
  }
  void refuse_unknown_in(const std::string& section) {
    const toml::table* table = root_[section].as_table();
    if (!broken_ && table != nullptr) refuse_unknown(*table, section + '.');
  }
  [[nodiscard]] std::map<std::string, std::string> given_values() const {
    std::map<std::string, std::string> values;
    add_values(root_, "", values);
    return values;
  }
  [[nodiscard]] bool has_problem(std::string_view key) const {
    return std::any_of(problems_.begin(), problems_.end(),
                       [&](const Problem& problem) { return problem.key == key; });
  }
  [[nodiscard]] std::string problems() const;

 private:
  void refuse_unknown(const toml::table& table, const std::string& prefix);
  static void add_values(const toml::table& table, const std::string& prefix,
                         std::map<std::string, std::string>& values);
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool is_section(const std::string& key) const;
  toml::table* section_of(const std::vector<std::string_view>& path, const std::string& key);
  [[nodiscard]] std::string place(std::string_view key, const toml::node* node) const;

  std::string file_;
  toml::table root_;
  bool broken_ = false;
  std::set<std::string> known_;
  std::set<std::string> overridden_;
  std::vector<Problem> problems_;
};

/// The table that holds the last part of a dotted path, made where it is missing.
toml::table* Settings::Impl::section_of(const std::vector<std::string_view>& path,
                                        const std::string& key) {
  toml::table* table = &root_;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    auto* next = table->get(path[i]);
    if (next == nullptr) {
      table->insert(path[i], toml::table{});
      next = table->get(path[i]);
    }
    if (!next->is_table()) {
      problems_.push_back({0, key, fmt::format("--set {}: '{}' is no section", key, path[i])});
      return nullptr;
    }
    table = next->as_table();
  }
  return table;
}

void Settings::Impl::override_with(const std::string& assignment) {
  const auto equals = assignment.find('=');
  const std::string key{trim(std::string_view{assignment}.substr(0, equals))};
  if (equals == std::string::npos || key.empty()) {
    problems_.push_back({0, key,
                         fmt::format("--set {}: write KEY=VALUE, such as monitor.interval=10s",
                                     printable(assignment, 80))});
    return;
  }
  const auto value = parse_value(trim(std::string_view{assignment}.substr(equals + 1)));
  const auto path = split(key, '.');
  auto* table = section_of(path, key);
  if (table == nullptr) return;
  table->insert_or_assign(path.back(), *value.get("value"));
  overridden_.insert(key);
}

std::string Settings::Impl::place(std::string_view key, const toml::node* node) const {
  for (const auto& overridden : overridden_) {
    if (key == overridden || key.starts_with(overridden + '.')) {
      return fmt::format("--set {}", key);
    }
    if (overridden.starts_with(std::string{key} + '.')) return "--set " + overridden;
  }
  if (node == nullptr) return fmt::format("{}: {}", file_, key);
  return fmt::format("{}:{}: {}", file_, node->source().begin.line, key);
}

void Settings::Impl::problem(std::string_view key, const toml::node* node,
                             const std::string& message) {
  const std::size_t line = node == nullptr ? 0 : node->source().begin.line;
  problems_.push_back({line, std::string{key}, place(key, node) + ": " + message});
}

bool Settings::Impl::is_section(const std::string& key) const {
  return std::any_of(known_.begin(), known_.end(),
                     [&](const std::string& known) { return known.starts_with(key + '.'); });
}

void Settings::Impl::refuse_unknown(const toml::table& table, const std::string& prefix) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string{name.str()};
    if (known_.contains(key)) continue;
    if (is_section(key)) {
      if (const auto* inner = node.as_table()) {
        refuse_unknown(*inner, key + '.');
      } else {
        problem(key, &node, "is a section: write [" + key + "] and its keys below");
      }
      continue;
    }
    problem(key, &node, "no such key" + did_you_mean(key, names()));
  }
}

void Settings::Impl::add_values(const toml::table& table, const std::string& prefix,
                                std::map<std::string, std::string>& values) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string{name.str()};
    if (const auto* inner = node.as_table()) {
      add_values(*inner, key + '.', values);
      continue;
    }
    std::ostringstream out;
    node.visit([&](const auto& value) { out << value; });
    values[key] = out.str();
  }
}

/// Keys, and sections after them so that a key wins where both are as near.
std::vector<std::string> Settings::Impl::names() const {
  std::vector<std::string> names{known_.begin(), known_.end()};
  for (const auto& key : known_) {
    if (const auto dot = key.rfind('.'); dot != std::string::npos) {
      names.push_back(key.substr(0, dot));
    }
  }
  return names;
}

std::string Settings::Impl::problems() const {
  auto sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::string out;
  for (std::size_t i = 0; i < std::min(sorted.size(), problems_shown_max); ++i) {
    if (i > 0) out += '\n';
    out += printable(sorted[i].text, problem_bytes_max);
  }
  if (sorted.size() > problems_shown_max) {
    out += fmt::format("\n{}: and {} more", file_, sorted.size() - problems_shown_max);
  }
  return out;
}

Settings::Settings(std::string_view text, std::string file)
    : impl_(std::make_unique<Impl>(text, std::move(file))) {}
Settings::~Settings() = default;

void Settings::override_with(const std::string& assignment) { impl_->override_with(assignment); }

void Settings::read(std::string_view key, std::string& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<std::string>()) {
    out = *value;
  } else {
    impl_->problem(key, node, "must be a text in quotes");
  }
}

void Settings::read(std::string_view key, double& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (value && *value == *value) {
    out = *value;
  } else {
    impl_->problem(key, node, "must be a number");
  }
}

void Settings::read(std::string_view key, int& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= 0 && *value <= std::numeric_limits<int>::max()) {
    out = static_cast<int>(*value);
  } else {
    impl_->problem(key, node, "must be a whole number, 0 or more");
  }
}

void Settings::read(std::string_view key, bool& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<bool>()) {
    out = *value;
  } else {
    impl_->problem(key, node, "must be true or false");
  }
}

void Settings::read(std::string_view key, Duration& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  if (!text) {
    impl_->problem(key, node, "must be a duration with its unit, such as \"5s\" or \"250ms\"");
    return;
  }
  const auto duration = parse_duration(*text);
  if (duration) {
    out = *duration;
  } else {
    impl_->problem(key, node, duration.error().message);
  }
}

void Settings::read(std::string_view key, Bytes& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  const auto text = node->value_exact<std::string>();
  const auto bytes = text ? parse_bytes(*text) : std::nullopt;
  if (bytes) {
    out = Bytes{*bytes};
  } else {
    impl_->problem(key, node, "must be a size with its unit, such as \"512MiB\" or \"2GiB\"");
  }
}

void Settings::read(std::string_view key, std::vector<std::string>& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  const auto* array = node->as_array();
  std::vector<std::string> texts;
  bool fine = array != nullptr;
  for (std::size_t i = 0; fine && i < array->size(); ++i) {
    const auto text = (*array)[i].value_exact<std::string>();
    fine = text.has_value();
    if (fine) texts.push_back(*text);
  }
  if (!fine) {
    impl_->problem(key, node, "must be an array of texts, such as [\"/srv\"]");
    return;
  }
  out = std::move(texts);
}

void Settings::read(std::string_view key, std::pair<int, int>& out) {
  const auto* node = impl_->take(key);
  if (node == nullptr) return;
  constexpr std::int64_t largest = 1'000'000;
  const auto* array = node->as_array();
  std::vector<int> numbers;
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
    const auto number = (*array)[i].value_exact<std::int64_t>().value_or(-1);
    if (number >= 0 && number <= largest) numbers.push_back(static_cast<int>(number));
  }
  if (numbers.size() != 2 || array->size() != 2) {
    impl_->problem(key, node, "must be two whole numbers, such as [3, 5]");
    return;
  }
  out = {numbers[0], numbers[1]};
}

bool Settings::given(std::string_view key) const { return impl_->find(key) != nullptr; }

std::map<std::string, std::string> Settings::given_values() const { return impl_->given_values(); }

bool Settings::has_problem(std::string_view key) const { return impl_->has_problem(key); }

void Settings::problem(std::string_view key, const std::string& message) {
  impl_->problem(key, impl_->find(key), message);
}

void Settings::refuse_unknown() { impl_->refuse_unknown(); }

void Settings::refuse_unknown_in(const std::string& section) { impl_->refuse_unknown_in(section); }

std::string Settings::problems() const { return impl_->problems(); }

}  // namespace plimsoll
