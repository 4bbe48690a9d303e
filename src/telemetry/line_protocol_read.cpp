#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "telemetry/line_protocol.h"

namespace plimsoll {
namespace {

/// Reads one line from left to right; the first thing wrong is kept.
class LineReader {
 public:
  explicit LineReader(std::string_view rest) : rest_(rest) {}

  std::optional<Point> read() {
    Point point;
    point.measurement = name(", ");
    if (point.measurement.empty()) fail("no measurement");
    while (!failed() && take(',')) point.tags.push_back(tag());
    expect(' ', "a space before the fields");
    do {
      if (!failed()) point.fields.push_back(field());
    } while (!failed() && take(','));
    expect(' ', "a time after the fields");
    read_time(point);
    if (has_twins(point.tags) || has_twins(point.fields)) fail("a name stands twice");
    if (failed()) return std::nullopt;
    return point;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  [[nodiscard]] bool failed() const { return !problem_.empty(); }
  void fail(std::string_view what) {
    if (!failed()) problem_ = what;
  }

  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted, std::string_view what) {
    if (!failed() && !take(wanted)) fail(fmt::format("expected {}", what));
  }

  std::string name(std::string_view ends) {
    std::string text;
    std::size_t i = 0;
    for (; i < rest_.size() && ends.find(rest_[i]) == std::string_view::npos; ++i) {
      const bool escaped = rest_[i] == '\\' && i + 1 < rest_.size() &&
                           std::string_view{",= "}.find(rest_[i + 1]) != std::string_view::npos;
      if (escaped) ++i;
      text += rest_[i];
    }
    rest_.remove_prefix(i);
    return text;
  }

  Tag tag() {
    Tag tag;
    tag.first = name(",= ");
    expect('=', "'=' after a tag's name");
    tag.second = name(",= ");
    if (tag.first.empty() || tag.second.empty()) fail("an empty tag");
    return tag;
  }

  Field field() {
    Field field;
    field.first = name(",= ");
    if (field.first.empty()) fail("no field");
    expect('=', "'=' after a field's name");
    field.second = rest_.starts_with('"') ? FieldValue{text()} : scalar();
    return field;
  }

  std::string text() {
    std::string out;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      const bool escaped =
          rest_[i] == '\\' && i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\');
      if (escaped) ++i;
      out += rest_[i];
    }
    if (i >= rest_.size()) fail("a text without its closing quote");
    rest_.remove_prefix(std::min(i + 1, rest_.size()));
    return out;
  }

  FieldValue scalar() {
    const std::string_view word = rest_.substr(0, rest_.find_first_of(", "));
    rest_.remove_prefix(word.size());
    if (word == "true" || word == "t") return true;
    if (word == "false" || word == "f") return false;
    if (word.ends_with('i')) {
      const auto number = parse_number<std::int64_t>(word.substr(0, word.size() - 1));
      if (number) return *number;
    } else if (const auto number = parse_number<double>(word); number && std::isfinite(*number)) {
      return *number;
    }
    fail(fmt::format("'{}' is not a value", printable(word, 40)));
    return 0.0;
  }

  void read_time(Point& point) {
    const auto number = parse_number<std::int64_t>(rest_);
    if (!number) return fail(fmt::format("'{}' is not a time", printable(rest_, 40)));
    point.time = TimePoint{Duration{*number}};
  }

  template <class Pairs>
  static bool has_twins(const Pairs& pairs) {
    for (std::size_t i = 1; i < pairs.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (pairs[i].first == pairs[j].first) return true;
      }
    }
    return false;
  }

  std::string_view rest_;
  std::string problem_;
};

}  // namespace

Result<std::vector<Point>> parse_lines(std::string_view text) {
  std::vector<Point> points;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++number;
    if (trim(line).empty() || line.starts_with('#')) continue;
    LineReader reader{line.ends_with('\r') ? line.substr(0, line.size() - 1) : line};
    auto point = reader.read();
    if (!point) {
      return Error{Errc::malformed,
                   fmt::format("line protocol, line {}: {}", number, reader.problem())};
    }
    points.push_back(std::move(*point));
  }
  return points;
}

}  // namespace plimsoll
