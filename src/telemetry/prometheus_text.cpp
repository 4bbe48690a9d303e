#include "telemetry/prometheus_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace plimsoll {
namespace {

void append_label_value(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\n':
        out += "\\n";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

PrometheusText::LabelText::LabelText(Labels labels) { add(labels); }

PrometheusText::LabelText PrometheusText::LabelText::with(Labels more) const {
  LabelText both = *this;
  both.add(more);
  return both;
}

void PrometheusText::LabelText::add(Labels labels) {
  for (const auto& [name, value] : labels) {
    if (!text_.empty()) text_ += ',';
    text_ += name;
    text_ += "=\"";
    append_label_value(text_, value);
    text_ += '"';
  }
}

PrometheusText& PrometheusText::family(std::string_view name, Kind kind, std::string_view help) {
  name_ = name;
  kind_ = kind;
  help_ = help;
  announced_ = false;
  return *this;
}

void PrometheusText::start(const LabelText& labels) {
  if (!announced_) {
    out_.append("# HELP ").append(name_).append(" ").append(help_);
    out_.append("\n# TYPE ").append(name_);
    out_ += kind_ == Kind::counter ? " counter\n" : " gauge\n";
    announced_ = true;
  }
  out_ += name_;
  if (!labels.text_.empty()) out_.append("{").append(labels.text_).append("}");
  out_ += ' ';
}

PrometheusText& PrometheusText::sample(const LabelText& labels, double value) {
  // Whole numbers are most of them, and cheap to write.
  constexpr double exact_max = 1e15;
  if (!std::isfinite(value)) return *this;
  if (value >= 0 && value < exact_max && value == std::floor(value)) {
    return sample(labels, static_cast<std::uint64_t>(value));
  }
  start(labels);
  std::array<char, 32> text{};
  const auto end = fmt::format_to_n(text.data(), text.size(), "{}\n", value);
  out_.append(text.data(), end.size);
  return *this;
}

PrometheusText& PrometheusText::sample(const LabelText& labels, std::uint64_t value) {
  start(labels);
  const fmt::format_int text{value};
  out_.append(text.data(), text.size()).append("\n");
  return *this;
}

}  // namespace plimsoll
