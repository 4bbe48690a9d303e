#include "inventory/host_list.h"

#include <fmt/format.h>

#include <unordered_map>

#include "core/text.h"
#include "inventory/csv.h"
#include "inventory/host_columns.h"

namespace plimsoll {
namespace {

constexpr std::size_t bytes_max = 16U << 20;
constexpr std::size_t hosts_max = 100'000;
constexpr std::size_t columns_max = 64;
constexpr std::size_t problems_shown_max = 50;

class HostListReader {
 public:
  explicit HostListReader(std::string_view file) : file_(printable(file, 500)) {}

  Result<HostList> read(std::string_view text) {
    if (text.size() > bytes_max) return whole_file("is longer than " + format_bytes(bytes_max));
    auto csv = parse_csv(text);
    for (auto& problem : csv.problems) report(problem.line, std::move(problem.what));
    if (csv.records.empty() && !failed()) {
      return whole_file("is empty; write a header such as name,ip,port and a host a line");
    }
    if (csv.records.size() > hosts_max + 1) {
      return whole_file(fmt::format("has more than {} hosts", hosts_max));
    }
    if (!csv.records.empty() && read_header(csv.records.front())) {
      for (std::size_t i = 1; i < csv.records.size(); ++i) read_host(csv.records[i]);
      if (hosts_.empty() && !failed()) return whole_file("has a header but no hosts");
    }
    if (failed()) return failure();
    return std::move(hosts_);
  }

 private:
  bool read_header(const CsvRecord& record) {
    if (record.fields.size() > columns_max) {
      report(record.line, fmt::format("has more than {} columns", columns_max));
      return false;
    }
    const auto problems_before = problem_count_;
    std::map<std::string, std::string> seen;  // what is meant -> the word
    for (const auto& word : record.fields) {
      columns_.push_back(host_column(word));
      const auto& column = columns_.back();
      check_header_word(record.line, column);
      const std::string meaning{column.set == nullptr ? column.label : column.meaning};
      const auto [first, is_new] = seen.emplace(meaning, word);
      if (!is_new) {
        report(record.line, fmt::format("columns '{}' and '{}' mean the same; keep one",
                                        printable(first->second, 40), printable(word, 40)));
      }
    }
    if (!seen.contains("ip")) {
      report(record.line,
             "the header has no column 'ip' (or 'ip_address', 'address'); the first "
             "line names the columns, such as name,ip,port");
    }
    return problem_count_ == problems_before;
  }

  void check_header_word(std::size_t line, const HostColumn& column) {
    if (column.label.empty()) return report(line, "a column has no name");
    if (column.set != nullptr) return;
    if (auto fault = host_label_fault(column.label, column.label); !fault.empty()) {
      report(line, "column " + fault);
    }
  }

  void read_host(const CsvRecord& record) {
    if (record.fields.size() != columns_.size()) {
      return report(record.line, fmt::format("has {} fields, the header has {}",
                                             record.fields.size(), columns_.size()));
    }
    const auto problems_before = problem_count_;
    Host host;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      set(record.line, columns_[i], record.fields[i], host);
    }
    if (host.name.empty()) host.name = HostId{host.address};
    if (problem_count_ != problems_before) return;
    check_unique(record.line, host);
    hosts_.push_back(std::move(host));
  }

  void set(std::size_t line, const HostColumn& column, const std::string& text, Host& host) {
    auto fault =
        column.set == nullptr ? host_label_fault(column.label, text) : column.set(host, trim(text));
    if (!fault.empty()) return report(line, std::move(fault));
    if (column.set == nullptr && !text.empty()) host.labels.emplace(column.label, text);
  }

  void check_unique(std::size_t line, const Host& host) {
    const auto [name, name_is_new] = names_.emplace(host.name.str(), line);
    if (!name_is_new) {
      report(line,
             fmt::format("duplicate name '{}' (first on line {})", host.name.str(), name->second));
    }
    const auto place = fmt::format("{} port {}", to_lower(host.address), host.port);
    const auto [address, address_is_new] = places_.emplace(place, line);
    if (!address_is_new) {
      report(line, fmt::format("duplicate address {} (first on line {})", place, address->second));
    }
  }

  void report(std::size_t line, std::string what) {
    ++problem_count_;
    if (problem_count_ > problems_shown_max) return;
    if (!problems_.empty()) problems_ += '\n';
    problems_ += fmt::format("{}:{}: {}", file_, line, what);
  }

  [[nodiscard]] bool failed() const { return problem_count_ > 0; }

  Error failure() {
    if (problem_count_ > problems_shown_max) {
      problems_ += fmt::format("\n{}: and {} more", file_, problem_count_ - problems_shown_max);
    }
    return {Errc::malformed, std::move(problems_)};
  }

  [[nodiscard]] Error whole_file(const std::string& what) const {
    return {Errc::malformed, file_ + ": " + what};
  }

  std::string file_;
  std::vector<HostColumn> columns_;
  HostList hosts_;
  std::unordered_map<std::string, std::size_t> names_, places_;  // -> line
  std::string problems_;
  std::size_t problem_count_ = 0;
};

}  // namespace

Result<HostList> parse_host_list(std::string_view text, std::string_view file) {
  return HostListReader{file}.read(text);
}

}  // namespace plimsoll
