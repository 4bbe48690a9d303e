#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll {

/// Writes metric families: the HELP and TYPE lines stand before a family's first sample and are
/// left out when it has none.
class PrometheusText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  enum class Kind { gauge, counter };

  PrometheusText& family(std::string_view name, Kind kind, std::string_view help);
  PrometheusText& sample(Labels labels, double value);
  PrometheusText& sample(Labels labels, std::uint64_t value);
  template <class T>
  PrometheusText& sample(Labels labels, const std::optional<T>& value) {
    return value ? sample(labels, *value) : *this;
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void start(Labels labels);

  std::string out_;
  std::string_view name_, help_;
  Kind kind_ = Kind::gauge;
  bool announced_ = false;
};

}  // namespace plimsoll
