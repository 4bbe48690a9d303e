#include "top/top_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "top/figures.h"
#include "top/help.h"
#include "top/panes.h"
#include "top/top_layout.h"

namespace plimsoll {
namespace {

constexpr std::size_t narrow = 60;  // columns below which words are shortened

class TopView {
 public:
  TopView(Frame& frame, const TopState& state, const TopData& data)
      : frame_(frame),
        state_(state),
        data_(data),
        layout_(layout_of(state, data, frame.size())),
        rows_(rows_of(state, data)) {}

  void draw();

 private:
  void title();
  [[nodiscard]] std::string summary() const;
  [[nodiscard]] std::string status() const;
  [[nodiscard]] std::string range() const;
  void list();
  void empty_list();
  void footer();
  void help();

  Frame& frame_;
  const TopState& state_;
  const TopData& data_;
  TopLayout layout_;
  TopRows rows_;
};

std::string TopView::summary() const {
  if (!data_.read) return " plimsoll";
  const HostCounts counts = count_hosts(data_.view);
  const bool is_narrow = frame_.size().columns < narrow;
  const std::string day = format_rfc3339(data_.view.time).substr(0, 10) + " ";
  const std::string clock = clock_text(data_.view.time);
  if (is_narrow) {
    const std::string time = data_.live ? clock + " " : day + clock.substr(0, 5);
    return fmt::format(" {}  {} up  {} over  {} silent", time, counts.up, counts.over,
                       counts.silent);
  }
  const std::string text = (data_.live ? " plimsoll  " : " " + day) + clock;
  const std::string_view over = frame_.size().columns < 100 ? "over" : "over the line";
  return text + fmt::format(" UTC  {} host{}  {} up  {} {}  {} silent", counts.all,
                            counts.all == 1 ? "" : "s", counts.up, counts.over, over,
                            counts.silent);
}

std::string TopView::status() const {
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : "  ") + word; };
  if (!state_.filter().empty()) {
    add(fmt::format("/{} {} of {}", state_.filter(), rows_.size(), rows_.all));
  }
  if (state_.only_needing_a_look && state_.screen != TopScreen::host) add("FAULTS");
  if (!data_.live && frame_.size().columns >= narrow) add("PAST");
  if (state_.paused) add("PAUSED");
  return text;
}

/// Which rows are on the screen, where not all are.
std::string TopView::range() const {
  if (rows_.size() <= layout_.list || layout_.list == 0) return {};
  const ListWindow window = window_of(state_, data_, rows_, layout_.list);
  return fmt::format("{}-{} of {}", window.first + 1, window.last, rows_.size());
}

void TopView::title() {
  const std::size_t columns = frame_.size().columns;
  const Style style{Colour::plain, Colour::plain, true, true};
  for (std::size_t i = 0; i < columns; ++i) frame_.put(i, 0, " ", style, 1);
  const std::string left = summary();
  std::string right = status();
  const std::string rows = range();
  // What was changed by a key is worth more than the counts, and they more than the range.
  if (columns_of(left) + columns_of(right) + columns_of(rows) + 5 <= columns && !rows.empty()) {
    right += (right.empty() ? "" : "  ") + rows;
  }
  const std::size_t right_columns = right.empty() ? 0 : columns_of(right) + 2;
  const std::size_t middle = columns - std::min(columns, right_columns);
  Pen{frame_, 0, 0, middle}.field(left, middle, Align::left, style);
  Pen{frame_, 0, middle}.skip(1).text(right, style);
}

void TopView::empty_list() {
  std::string why;
  if (!data_.read) {
    why = data_.trouble.empty() ? "reading the store ..." : "no picture yet";
  } else if (!state_.filter().empty()) {
    why = fmt::format("nothing matches '{}'; Esc clears the filter", state_.filter());
  } else if (state_.shows_hosts() && state_.only_needing_a_look) {
    why = "no host is over its line, close to it or silent; f shows all";
  } else if (state_.shows_hosts()) {
    why = "host.csv names no host";
  } else if (state_.screen == TopScreen::host && !host_of(state_, data_.view)) {
    why = "this host is gone; Esc leads back";
  } else {
    why = "no containers are known here";
  }
  Pen{frame_, layout_.list_row(), marks_columns}.field(why, frame_.size().columns, Align::left,
                                                       {Colour::soft});
}

void TopView::list() {
  if (layout_.list == 0) return;
  if (rows_.size() == 0) empty_list();
  const Pane pane{layout_.list_row(), layout_.list};
  if (state_.shows_hosts()) {
    draw_hosts(frame_, pane, layout_.heading > 0, state_, data_, rows_);
  } else {
    draw_containers(frame_, pane, layout_.heading > 0, state_, data_, rows_);
  }
}

void TopView::footer() {
  if (layout_.footer == 0) return;
  const std::size_t row = frame_.size().rows - 1;
  Pen pen{frame_, row, 1};
  if (state_.typing) {
    pen.text("/" + state_.filter()).text(" ", {Colour::plain, Colour::plain, false, true}).skip(2);
    pen.text("Enter keeps it, Esc clears it", {Colour::soft});
    return;
  }
  if (!data_.trouble.empty()) {
    pen.field("! " + data_.trouble, pen.room(), Align::left, {Colour::over, Colour::plain, true});
    return;
  }
  const bool in_host = state_.screen == TopScreen::host;
  const std::string sorted{sort_name(state_.sorting().key)};
  const std::string faults = state_.only_needing_a_look ? "all" : "faults";
  using Hint = std::pair<std::string_view, std::string>;
  const std::array<Hint, 9> hints{
      {{"q", "quit"},
       {"?", "help"},
       {"/", "filter"},
       {"s", "sort:" + sorted},
       in_host ? Hint{"Esc", "back"} : Hint{"Enter", "open"},
       in_host ? Hint{"Tab", "next host"} : Hint{"f", faults},
       {"c", state_.screen == TopScreen::containers ? "hosts" : "containers"},
       {"p", state_.paused ? "go on" : "pause"},
       {"r", "reverse"}}};
  for (const auto& [key, does] : hints) {
    if (key.size() + 1 + does.size() > pen.room()) break;
    pen.text(key, {Colour::accent, Colour::plain, true}).skip(1).text(does, {Colour::soft}).skip(2);
  }
}

void TopView::help() {
  const auto lines = help_lines(frame_.size().columns);
  const std::size_t rows = frame_.size().rows - 1;
  const std::size_t last = lines.size() > rows ? lines.size() - rows : 0;
  const std::size_t top = std::min(state_.help_top, last);
  for (std::size_t i = 0; i < rows && top + i < lines.size(); ++i) {
    const std::string& line = lines[top + i];
    const bool heading = !line.starts_with(' ');
    const Style style{heading ? Colour::accent : Colour::plain, Colour::plain, heading};
    Pen{frame_, i, 1}.field(line, frame_.size().columns, Align::left, style);
  }
  const std::string more = last > 0 ? "j k scroll, " : "";
  Pen{frame_, rows, 1}.text(more + "any other key: back", {Colour::soft});
}

void TopView::draw() {
  if (frame_.size().rows == 0 || frame_.size().columns == 0) return;
  if (state_.help) return help();
  title();
  const auto host = host_of(state_, data_.view);
  if (layout_.facts > 0 && host) {
    draw_facts(frame_, {layout_.facts_row(), layout_.facts}, data_.view, *host);
  }
  list();
  draw_moves(frame_, {layout_.moves_row(), layout_.moves}, data_);
  footer();
}

}  // namespace

Frame draw_top(const TopState& state, const TopData& data, ScreenSize size, bool unicode) {
  Frame frame{size, unicode};
  TopView{frame, state, data}.draw();
  return frame;
}

}  // namespace plimsoll
