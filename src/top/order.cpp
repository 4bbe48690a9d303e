#include "top/order.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::array<std::pair<std::string_view, SortKey>, 5> sort_table{
    {{"level", SortKey::level},
     {"cpu", SortKey::cpu},
     {"memory", SortKey::memory},
     {"storage", SortKey::storage},
     {"name", SortKey::name}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the digits off the front, without zeros in front of them.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return number;
}

/// Takes a number or one character off both; less, equal or more than zero.
int compare_fronts(std::string_view& a, std::string_view& b) {
  if (is_digit(a.front()) && is_digit(b.front())) {
    const auto x = take_number(a);
    const auto y = take_number(b);
    if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
    return x.compare(y);
  }
  const int order = a.substr(0, 1).compare(b.substr(0, 1));
  a.remove_prefix(1);
  b.remove_prefix(1);
  return order;
}

/// Less, equal or more than zero: h2 before h10.
int compare_names(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (const int order = compare_fronts(a, b); order != 0) return order;
  }
  if (a.empty() != b.empty()) return a.empty() ? -1 : 1;
  return whole_a.compare(whole_b);
}

std::optional<double> figure(const HostRow& row, SortKey key) {
  switch (key) {
    case SortKey::level:
      return row.up ? row.assessed.level : std::optional{1.0};
    case SortKey::cpu:
      return row.latest.cpu;
    case SortKey::memory:
      return row.latest.memory;
    case SortKey::storage:
      return row.latest.storage;
    case SortKey::name:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> figure(const ContainerRow& row, SortKey key) {
  switch (key) {
    case SortKey::memory:
      return row.memory ? std::optional{as_double(*row.memory)} : std::nullopt;
    case SortKey::name:
      return std::nullopt;
    case SortKey::level:
    case SortKey::cpu:
    case SortKey::storage:
      return row.cpu_percent;
  }
  return std::nullopt;
}

/// What a row is sorted by, read once.
template <class Place>
struct Ranked {
  Place place;
  std::optional<double> figure;
  std::string_view name;
  std::string_view second_name;
};

template <class Place>
void sort(std::vector<Ranked<Place>>& rows, Sorting sorting) {
  const auto names = [](const Ranked<Place>& a, const Ranked<Place>& b) {
    const int order = compare_names(a.name, b.name);
    return order != 0 ? order : compare_names(a.second_name, b.second_name);
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    if (sorting.key == SortKey::name) return sorting.reversed ? names(b, a) < 0 : names(a, b) < 0;
    if (a.figure.has_value() != b.figure.has_value()) return a.figure.has_value();
    if (a.figure == b.figure) return names(a, b) < 0;
    const double x = a.figure.value();
    const double y = b.figure.value();
    return sorting.reversed ? x < y : x > y;
  });
}

template <class Place>
std::vector<Place> places_of(const std::vector<Ranked<Place>>& rows) {
  std::vector<Place> places;
  places.reserve(rows.size());
  for (const auto& row : rows) places.push_back(row.place);
  return places;
}

std::string words_of(const FleetView& view, std::size_t place) {
  const HostRow& row = view.rows[place];
  std::string words = row.name.str() + '\n' + row.address;
  if (place >= view.snapshot.hosts.size()) return words;
  for (const auto& [key, value] : view.snapshot.hosts[place].labels) {
    words.append(1, '\n').append(key).append(1, '=').append(value);
  }
  return words;
}

}  // namespace

std::string_view sort_name(SortKey key) {
  for (const auto& [name, value] : sort_table) {
    if (value == key) return name;
  }
  return "";
}

std::optional<SortKey> parse_sort(std::string_view name) {
  if (name == "scalar") return SortKey::level;
  if (name == "disk") return SortKey::storage;
  for (const auto& [known, key] : sort_table) {
    if (known == name) return key;
  }
  return std::nullopt;
}

std::string sort_names() {
  std::string names;
  for (const auto& [name, key] : sort_table)
    names += (names.empty() ? "" : ", ") + std::string{name};
  return names;
}

bool needs_a_look(const HostRow& row) {
  return !row.up || row.assessed.over_line || row.assessed.level.value_or(0) > near_level;
}

std::vector<std::size_t> ordered_hosts(const FleetView& view, Sorting sorting,
                                       const TextFilter& filter, bool only_needing_a_look) {
  std::vector<Ranked<std::size_t>> rows;
  for (std::size_t i = 0; i < view.rows.size(); ++i) {
    const HostRow& row = view.rows[i];
    if (only_needing_a_look && !needs_a_look(row)) continue;
    if (!filter.empty() && !filter.matches(words_of(view, i))) continue;
    rows.push_back({i, figure(row, sorting.key), row.name.str(), {}});
  }
  sort(rows, sorting);
  return places_of(rows);
}

std::vector<ContainerPlace> ordered_containers(const FleetView& view,
                                               const std::vector<std::size_t>& hosts,
                                               Sorting sorting, const TextFilter& filter) {
  std::vector<Ranked<ContainerPlace>> rows;
  for (const std::size_t host : hosts) {
    const auto& containers = view.rows[host].containers;
    for (std::size_t i = 0; i < containers.size(); ++i) {
      const ContainerRow& row = containers[i];
      if (!filter.matches(row.name + '\n' + row.image + '\n' + row.state)) continue;
      const std::string_view host_name = view.rows[host].name.str();
      rows.push_back({{host, i}, figure(row, sorting.key), row.name, host_name});
    }
  }
  sort(rows, sorting);
  return places_of(rows);
}

}  // namespace plimsoll
