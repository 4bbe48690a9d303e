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

  /// Labels as text, made once for what has many samples.
  class LabelText {
   public:
    LabelText() = default;
    explicit LabelText(Labels labels);
    /// These and more behind them.
    [[nodiscard]] LabelText with(Labels more) const;

   private:
    friend class PrometheusText;
    void add(Labels labels);
    std::string text_;  ///< `a="x",b="y"`, without braces.
  };

  /// `bytes`: about how much it will be.
  explicit PrometheusText(std::size_t bytes = 0) { out_.reserve(bytes); }

  PrometheusText& family(std::string_view name, Kind kind, std::string_view help);
  PrometheusText& sample(const LabelText& labels, double value);
  PrometheusText& sample(const LabelText& labels, std::uint64_t value);
  template <class T>
  PrometheusText& sample(const LabelText& labels, const std::optional<T>& value) {
    return value ? sample(labels, *value) : *this;
  }
  template <class T>
  PrometheusText& sample(Labels labels, const T& value) {
    return sample(LabelText{labels}, value);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void start(const LabelText& labels);

  std::string out_;
  std::string name_;
  std::string_view help_;
  Kind kind_ = Kind::gauge;
  bool announced_ = false;
};

}  // namespace plimsoll
