#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace plimsoll {

/// Writes one JSON document into a string, in the order of the calls.
///
///     JsonWriter json;
///     json.begin_object().field("name", "h1").field("cpu_percent", 12.5).end_object();
///     send(json.take());
///
/// Ours, since simdjson 3.0 only reads and Boost.JSON prints 12.5 as 1.25E1, which no person wants
/// to read at the end of a curl. NaN and infinities, which JSON lacks, are written as null.
/// Requires: calls nest properly; a key before each value in an object.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
  JsonWriter& value(double number);
  JsonWriter& null();
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  requires std::is_arithmetic_v<T> JsonWriter& value(T number) {
    if constexpr (std::is_same_v<T, bool>) {
      return raw(number ? "true" : "false");
    } else if constexpr (std::is_floating_point_v<T>) {
      return value(static_cast<double>(number));
    } else if constexpr (std::is_signed_v<T>) {
      return integer(static_cast<std::int64_t>(number));
    } else {
      return integer(static_cast<std::uint64_t>(number));
    }
  }

  template <class T>
  JsonWriter& field(std::string_view name, const T& data) {
    key(name);
    return value(data);
  }
  /// An absent value becomes null: unknown is never shown as zero.
  template <class Optional>
  JsonWriter& optional_field(std::string_view name, const Optional& data) {
    key(name);
    return data ? value(*data) : null();
  }

  [[nodiscard]] const std::string& str() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  JsonWriter& integer(std::int64_t number);
  JsonWriter& integer(std::uint64_t number);
  void separate();

  std::string out_;
  bool comma_ = false;
};

}  // namespace plimsoll
