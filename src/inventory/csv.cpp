#include "inventory/csv.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  CsvText read() {
    if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
    while (!rest_.empty()) {
      if (!skip_line_without_record()) read_record();
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::string_view this_line() const { return rest_.substr(0, rest_.find('\n')); }

  void next_line() {
    rest_.remove_prefix(std::min(rest_.size(), this_line().size() + 1));
    ++line_;
  }

  bool skip_line_without_record() {
    const auto text = trim(this_line());
    const bool skipped = text.empty() || text.front() == '#';
    if (skipped) next_line();
    return skipped;
  }

  void read_record() {
    CsvRecord record{line_, {}};
    torn_ = false;
    for (bool more = true; more;) {
      record.fields.push_back(read_field());
      more = rest_.starts_with(',');
      if (more) rest_.remove_prefix(1);
    }
    next_line();
    if (!torn_) result_.records.push_back(std::move(record));
  }

  std::string read_field() {
    const auto start = rest_.find_first_not_of(" \t");
    if (start != std::string_view::npos && rest_[start] == '"') {
      rest_.remove_prefix(start + 1);
      return read_quoted();
    }
    const auto field = rest_.substr(0, rest_.find_first_of(",\n"));
    if (field.find('"') != std::string_view::npos) {
      problem(line_, "a quote inside a field that does not start with one");
    }
    rest_.remove_prefix(field.size());
    return std::string{trim(field)};
  }

  std::string read_quoted() {
    const auto opened = line_;
    std::string field;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"' && !rest_.starts_with('"')) return end_quoted(std::move(field));
      if (c == '"') rest_.remove_prefix(1);
      if (c == '\n') ++line_;
      field += c;
    }
    problem(opened, "a quote is opened and never closed");
    torn_ = true;  // it swallowed the rest of the text
    return field;
  }

  std::string end_quoted(std::string field) {
    const auto after = rest_.substr(0, rest_.find_first_of(",\n"));
    if (!trim(after).empty()) problem(line_, "text after a closing quote");
    rest_.remove_prefix(after.size());
    return field;
  }

  void problem(std::size_t line, const char* what) { result_.problems.push_back({line, what}); }

  std::string_view rest_;
  std::size_t line_ = 1;
  bool torn_ = false;
  CsvText result_;
};

}  // namespace

CsvText parse_csv(std::string_view text) { return CsvReader{text}.read(); }

}  // namespace plimsoll
