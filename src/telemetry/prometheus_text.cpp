#include "telemetry/prometheus_text.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

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

PrometheusText& PrometheusText::family(std::string_view name, Kind kind, std::string_view help) {
  name_ = name;
  kind_ = kind;
  help_ = help;
  announced_ = false;
  return *this;
}

void PrometheusText::start(Labels labels) {
  if (!announced_) {
    fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name_, help_, name_,
                   kind_ == Kind::counter ? "counter" : "gauge");
    announced_ = true;
  }
  out_ += name_;
  char separator = '{';
  for (const auto& [name, value] : labels) {
    out_ += separator;
    separator = ',';
    out_ += name;
    out_ += "=\"";
    append_label_value(out_, value);
    out_ += '"';
  }
  out_ += separator == ',' ? "} " : " ";
}

PrometheusText& PrometheusText::sample(Labels labels, double value) {
  if (!std::isfinite(value)) return *this;
  start(labels);
  fmt::format_to(std::back_inserter(out_), "{}\n", value);
  return *this;
}

PrometheusText& PrometheusText::sample(Labels labels, std::uint64_t value) {
  start(labels);
  fmt::format_to(std::back_inserter(out_), "{}\n", value);
  return *this;
}

}  // namespace plimsoll
