#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace plimsoll {

/// A line, or points, of a chart.
struct ChartSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;
  /// Which of the colours c0 to c7 of the page's style; the same one for the same policy.
  std::size_t colour = 0;
  bool line = true;
  bool dots = false;
  std::vector<std::string> labels;  ///< Of the dots, as titles and beside them; may be shorter.
};

/// A band between two lines over the same x.
struct ChartBand {
  std::vector<double> x;
  std::vector<double> low;
  std::vector<double> high;
  std::size_t colour = 0;
};

struct Chart {
  std::string title;
  std::string x_axis;
  std::string y_axis;
  std::vector<ChartBand> bands;
  std::vector<ChartSeries> series;
  bool log_x = false;         ///< Of x + 1, since there are runs without moves.
  std::vector<double> lines;  ///< Values of y to be marked.
};

/// An <svg> element with axes and, beneath, names of the series; its colours come from the page.
[[nodiscard]] std::string chart_svg(const Chart& chart);

/// The style rules that chart_svg counts on, for light and dark.
[[nodiscard]] const std::string& chart_style();

/// Text that may stand in HTML and SVG.
[[nodiscard]] std::string html_text(const std::string& text);

}  // namespace plimsoll
