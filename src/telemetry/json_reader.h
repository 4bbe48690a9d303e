#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace plimsoll {

/// Bounds on a JSON text that comes from outside. Chosen by us: 10,000 containers of about 2 kB.
struct JsonLimits {
  std::size_t bytes_max = 32U << 20;
  std::size_t depth_max = 16;
};

/// A parsed JSON text with its memory; everything goes at once with the document.
class JsonDocument {
 public:
  /// Errors: malformed - not one JSON text of valid UTF-8, or nested too deep; too_large.
  [[nodiscard]] static Result<JsonDocument> parse(std::string_view text, JsonLimits limits = {});

  [[nodiscard]] const boost::json::value& root() const { return *root_; }

 private:
  JsonDocument() = default;
  std::unique_ptr<boost::json::monotonic_resource> memory_;
  std::unique_ptr<boost::json::value> root_;
};

/// Whether numbers may come as text, as some recorded samples have them.
enum class JsonNumbers { strict, from_text };

/// Reads the members of an object into variables. The first thing that is wrong is kept with its
/// path ("containers[3].cpu_cores: not a number"); what follows is then of no use.
///
/// Unknown members are ignored. A null is the same as a member that is not there.
class JsonFields {
 public:
  static constexpr std::size_t text_bytes_max = 4096;
  static constexpr double number_max = 1e18;

  JsonFields(const boost::json::value& root, std::optional<Error>& problem,
             JsonNumbers numbers = JsonNumbers::strict);

  /// The member must be there. Numbers must be finite, from 0 to `max`.
  template <class T>
  void required(std::string_view name, T& out, double max = number_max) {
    if (const auto* found = member(name)) {
      assign(name, *found, out, max);
    } else {
      fail(name, "is missing");
    }
  }
  /// The variable keeps what it has when the member is not there.
  template <class T>
  void optional(std::string_view name, T& out, double max = number_max) {
    if (const auto* found = member(name)) assign(name, *found, out, max);
  }
  template <class T>
  void optional(std::string_view name, std::optional<T>& out, double max = number_max) {
    if (const auto* found = member(name)) assign(name, *found, out.emplace(), max);
  }
  /// Calls `read(JsonFields)` with the object of that name, when there is one.
  template <class Read>
  bool object(std::string_view name, Read read) {
    const auto* found = member(name);
    if (found == nullptr) return false;
    read(JsonFields{*found, *this, name, no_index});
    return true;
  }
  /// Calls `read(JsonFields)` with each object in the array of that name.
  template <class Read>
  void objects(std::string_view name, std::size_t count_max, Read read) {
    const auto* array = array_member(name, count_max);
    if (array == nullptr) return;
    for (std::size_t i = 0; i < array->size() && !failed(); ++i) {
      read(JsonFields{(*array)[i], *this, name, i});
    }
  }
  /// Calls `read(key, text)` with each member of an object of texts.
  template <class Read>
  void texts(std::string_view name, std::size_t count_max, Read read) {
    const auto* found = member(name);
    if (found == nullptr) return;
    const JsonFields inner{*found, *this, name, no_index};
    if (inner.object_ == nullptr) return;
    if (inner.object_->size() > count_max) return fail(name, "has too many members");
    for (const auto& [key, value] : *inner.object_) {
      std::string text;
      inner.assign({key.data(), key.size()}, value, text, 0);
      read(std::string_view{key.data(), key.size()}, std::move(text));
    }
  }

  /// The member, or nullptr where it is absent or null.
  [[nodiscard]] const boost::json::value* member(std::string_view name) const;
  [[nodiscard]] const boost::json::array* array_member(std::string_view name,
                                                       std::size_t count_max) const;
  /// `code`: malformed - not of the form it must have; invalid - a value that cannot be; too_large.
  void fail(std::string_view name, std::string_view what, Errc code = Errc::malformed) const;
  [[nodiscard]] bool failed() const { return problem_->has_value(); }

 private:
  static constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();

  JsonFields(const boost::json::value& value, const JsonFields& parent, std::string_view name,
             std::size_t index);
  void assign(std::string_view name, const boost::json::value& value, double& out,
              double max) const;
  void assign(std::string_view name, const boost::json::value& value, std::uint64_t& out,
              double max) const;
  void assign(std::string_view name, const boost::json::value& value, int& out, double max) const;
  void assign(std::string_view name, const boost::json::value& value, bool& out, double max) const;
  void assign(std::string_view name, const boost::json::value& value, std::string& out,
              double max) const;
  void open(const boost::json::value& value);
  [[nodiscard]] std::string path() const;

  const boost::json::object* object_ = nullptr;
  std::optional<Error>* problem_;
  JsonNumbers numbers_;
  const JsonFields* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = no_index;
};

}  // namespace plimsoll
