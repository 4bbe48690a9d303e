#include "simulate/report_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr double left = 58;
constexpr double right = 704;
constexpr double top = 30;
constexpr double bottom = 250;
constexpr double legend_row = 18;
constexpr int ticks = 5;

struct Range {
  double low = 0;
  double high = 1;
};

/// A little more than the highest, as a number that reads well.
double nice_top(double highest) {
  if (highest <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(highest)));
  for (const double step : {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0}) {
    if (highest <= step * power) return step * power;
  }
  return 10 * power;
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {
    double highest = 0;
    double farthest = 0;
    const auto see = [&](double x, double y) {
      highest = std::max(highest, y);
      farthest = std::max(farthest, along(x));
    };
    for (const auto& band : chart.bands) {
      for (std::size_t i = 0; i < band.x.size(); ++i) see(band.x[i], band.high[i]);
    }
    for (const auto& series : chart.series) {
      for (const auto& [x, y] : series.points) see(x, y);
    }
    y_.high = nice_top(highest);
    x_.high = chart.log_x ? std::max(1.0, std::ceil(farthest)) : std::max(farthest, 1.0);
  }

  std::string draw();

 private:
  [[nodiscard]] double along(double x) const { return chart_.log_x ? std::log10(x + 1) : x; }
  [[nodiscard]] double px(double x) const {
    return left + (along(x) - x_.low) / (x_.high - x_.low) * (right - left);
  }
  [[nodiscard]] double py(double y) const {
    return bottom - (y - y_.low) / (y_.high - y_.low) * (bottom - top);
  }
  void axes();
  void x_tick(double value);
  void band(const ChartBand& band);
  void series(const ChartSeries& series);
  void dots(const ChartSeries& series);
  void legend();

  const Chart& chart_;
  Range x_;
  Range y_;
  double height_ = bottom + 44;
  std::string out_;
};

void Drawing::x_tick(double value) {
  out_ += fmt::format("<text x='{:.1f}' y='{}' class='mid'>{:.6g}</text>\n", px(value), bottom + 16,
                      value);
}

void Drawing::axes() {
  for (int i = 0; i <= ticks; ++i) {
    const double value = y_.high * i / ticks;
    out_ += fmt::format(
        "<line x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}' class='grid'/>"
        "<text x='{3}' y='{4:.1f}' class='end'>{5:.4g}</text>\n",
        left, right, py(value), left - 6, py(value) + 4, value);
  }
  if (chart_.log_x) {
    x_tick(0);
    for (int power = 1; power <= static_cast<int>(x_.high); ++power) x_tick(std::pow(10, power));
  } else {
    for (int i = 0; i <= ticks; ++i) x_tick(std::round(x_.high * i / ticks));
  }
  for (const double value : chart_.lines) {
    if (value > y_.high) continue;
    out_ += fmt::format("<line x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}' class='mark'/>\n", left,
                        right, py(value));
  }
  out_ += fmt::format(
      "<text x='{}' y='18' class='title'>{}</text><text x='{}' y='18' class='end'>{}</text>"
      "<text x='{}' y='{}' class='end'>{}</text>\n",
      left, html_text(chart_.title), right, html_text(chart_.y_axis), right, bottom + 34,
      html_text(chart_.x_axis));
}

void Drawing::band(const ChartBand& band) {
  std::string points;
  for (std::size_t i = 0; i < band.x.size(); ++i) {
    points += fmt::format("{:.1f},{:.1f} ", px(band.x[i]), py(band.high[i]));
  }
  for (std::size_t i = band.x.size(); i-- > 0;) {
    points += fmt::format("{:.1f},{:.1f} ", px(band.x[i]), py(band.low[i]));
  }
  out_ += fmt::format("<polygon points='{}' class='c{} band'/>\n", points, band.colour % 8);
}

void Drawing::dots(const ChartSeries& series) {
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const auto [x, y] = series.points[i];
    const std::string label = i < series.labels.size() ? html_text(series.labels[i]) : "";
    out_ += fmt::format(
        "<circle cx='{:.1f}' cy='{:.1f}' r='4' class='c{} dot'><title>{}</title></circle>"
        "<text x='{:.1f}' y='{:.1f}' class='label'>{}</text>\n",
        px(x), py(y), series.colour % 8, label, px(x) + 6, py(y) - 6, label);
  }
}

void Drawing::series(const ChartSeries& series) {
  std::string points;
  for (const auto& [x, y] : series.points) points += fmt::format("{:.1f},{:.1f} ", px(x), py(y));
  if (series.line) {
    out_ += fmt::format("<polyline points='{}' class='c{} line'/>\n", points, series.colour % 8);
  }
  if (series.dots) dots(series);
}

void Drawing::legend() {
  double x = left;
  double y = bottom + 54;
  for (const auto& series : chart_.series) {
    if (series.name.empty()) continue;
    const double width = 30 + 7.0 * static_cast<double>(series.name.size());
    if (x + width > right && x > left) {
      x = left;
      y += legend_row;
    }
    out_ += fmt::format(
        "<circle cx='{:.1f}' cy='{:.1f}' r='4' class='c{} dot'/>"
        "<text x='{:.1f}' y='{:.1f}'>{}</text>\n",
        x + 4, y - 4, series.colour % 8, x + 12, y, html_text(series.name));
    x += width;
    height_ = y + 10;
  }
}

std::string Drawing::draw() {
  axes();
  for (const auto& one : chart_.bands) band(one);
  for (const auto& one : chart_.series) series(one);
  legend();
  return fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 720 {:.0f}' role='img' "
      "aria-label='{}'>\n{}</svg>\n",
      height_, html_text(chart_.title), out_);
}

}  // namespace

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : printable(text, text.size())) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string chart_svg(const Chart& chart) { return Drawing{chart}.draw(); }

const std::string& chart_style() {
  static const std::string style = R"(svg{font:12px system-ui,sans-serif;color:var(--fg)}
:root{--fg:#1c2733;--bg:#fff;--soft:#d7dee6}
svg text{fill:var(--fg)} svg .title{font-weight:600} svg .mid{text-anchor:middle}
svg .end{text-anchor:end} svg .label{font-size:10px}
svg .grid{stroke:var(--soft)} svg .mark{stroke:var(--fg);stroke-dasharray:4 4}
svg .line{fill:none;stroke:var(--c);stroke-width:1.5} svg .dot{fill:var(--c)}
svg .band{fill:var(--c);opacity:.25}
.c0{--c:#0b6bcb}.c1{--c:#c2410c}.c2{--c:#15803d}.c3{--c:#7e22ce}
.c4{--c:#b91c1c}.c5{--c:#0e7490}.c6{--c:#a16207}.c7{--c:#64748b}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#10161d;--soft:#2f3b47}
.c0{--c:#58a6ff}.c1{--c:#fb923c}.c2{--c:#4ade80}.c3{--c:#c084fc}
.c4{--c:#f87171}.c5{--c:#22d3ee}.c6{--c:#facc15}.c7{--c:#94a3b8}}
)";
  return style;
}

}  // namespace plimsoll
