#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

namespace json = boost::json;

/// What is wrong with a line: the first few things, and how many more.
class LineProblems {
 public:
  void add(std::string what);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// Fit to print, with `between` between them.
  [[nodiscard]] std::string text(std::string_view between) const;

 private:
  std::vector<std::string> first_;
  std::size_t count_ = 0;
};

/// Where something stands in a line. Put into words only where something is wrong.
struct LinePlace {
  std::string_view list;             ///< "hosts"
  std::string_view name;             ///< Of the member; empty: it is an element.
  std::optional<std::size_t> index;  ///< Of the element.

  /// "hosts[2].cpu" or "containers 'web'.cpu".
  [[nodiscard]] std::string of(std::string_view field) const;
};

/// The largest amount of anything. Whole numbers up to it are exact. Ours.
inline constexpr double amount_max = 9007199254740992.0;  // 2^53
inline constexpr std::size_t name_bytes_max = 255;

/// A finite number, or nothing.
[[nodiscard]] std::optional<double> number_of(const json::value& value);

/// Reads the members of one object of a line. A member that is missing or null gives nothing; one
/// that is not what it must be gives nothing and a problem.
class LineFields {
 public:
  LineFields(const json::object& object, const LinePlace& place, LineProblems& problems)
      : object_(object), place_(place), problems_(problems) {}

  /// From 0 to amount_max.
  [[nodiscard]] std::optional<double> amount(std::string_view field) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view field) const;
  [[nodiscard]] bool flag(std::string_view field) const;
  /// A text that must be there, 1 to name_bytes_max bytes; "" with a problem.
  [[nodiscard]] std::string name(std::string_view field) const;
  [[nodiscard]] const json::object* object(std::string_view field) const;
  [[nodiscard]] const json::array* array(std::string_view field) const;

  void problem(std::string_view field, std::string_view what) const;
  [[nodiscard]] LineProblems& problems() const { return problems_; }
  [[nodiscard]] const json::object& all() const { return object_; }

 private:
  [[nodiscard]] const json::value* find(std::string_view field) const;

  const json::object& object_;
  const LinePlace& place_;
  LineProblems& problems_;
};

}  // namespace plimsoll
