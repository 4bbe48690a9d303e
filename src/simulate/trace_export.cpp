#include "simulate/trace_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "core/text.h"
#include "inventory/csv.h"
#include "simulate/bounded_lines.h"
#include "simulate/recorded_series.h"
#include "simulate/trace_input.h"

namespace plimsoll {
namespace {

constexpr std::string_view first_cells = "time,measurement";

/// Cells of a row by the names in the header.
class ExportColumns {
 public:
  explicit ExportColumns(std::vector<std::string> names) : names_(std::move(names)) {}
  void take(std::vector<std::string> cells) { cells_ = std::move(cells); }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] std::size_t given() const { return cells_.size(); }

  [[nodiscard]] std::string_view text(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    return found == names_.end() ? std::string_view{}
                                 : cells_[static_cast<std::size_t>(found - names_.begin())];
  }
  /// Nothing where there is none, or none that can be.
  [[nodiscard]] std::optional<double> amount(std::string_view name) const {
    const auto number = parse_number<double>(text(name));
    return number && *number >= 0 && *number <= 1e18 ? number : std::nullopt;
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> cells_;
};

class ExportReader {
 public:
  ExportReader(std::istream& in, std::string name, Duration step, const TraceLimits& limits)
      : lines_(in, name, limits.line_bytes, limits.file_bytes),
        name_(std::move(name)),
        fleet_(step, limits) {}

  Result<BalancingFleet> read();

 private:
  Result<std::optional<std::vector<std::string>>> record();
  std::optional<Error> take(const ExportColumns& columns);
  void take_device(const ExportColumns& columns, TimePoint time);
  void take_container(const ExportColumns& columns, TimePoint time);

  BoundedLines lines_;
  std::string name_;
  RecordedFleet fleet_;
};

/// A quoted cell may go over several lines.
Result<std::optional<std::vector<std::string>>> ExportReader::record() {
  std::string text;
  for (;;) {
    const auto line = lines_.next();
    if (!line) return line.error();
    const auto& piece = *line;
    if (!piece) {
      if (text.empty()) return std::optional<std::vector<std::string>>{};
      return Error{Errc::malformed, lines_.place() + ": a quoted cell does not end"};
    }
    if (text.empty() && piece->empty()) continue;
    text += *piece;
    constexpr std::size_t record_bytes = std::size_t{1} << 20;
    if (text.size() > record_bytes) {
      return Error{Errc::too_large, lines_.place() + ": a row longer than 1 MiB"};
    }
    if (std::count(text.begin(), text.end(), '"') % 2 == 0) break;
    text += '\n';
  }
  auto csv = parse_csv(text);
  if (!csv.problems.empty() || csv.records.size() != 1) {
    return Error{Errc::malformed, fmt::format("{}: no row of CSV", lines_.place())};
  }
  return std::optional{std::move(csv.records.front().fields)};
}

void ExportReader::take_device(const ExportColumns& columns, TimePoint time) {
  const auto used = columns.amount("cpu_used");
  const auto cores = columns.amount("cpu_cores");
  auto memory = columns.amount("memory_total");
  const auto vm_used = columns.amount("vm_used");
  const auto vm_free = columns.amount("vm_free");
  if (!memory && vm_used && vm_free) memory = *vm_used + *vm_free;
  fleet_.note_host(std::string{columns.text("host")}, time, {used, cores, memory});
}

void ExportReader::take_container(const ExportColumns& columns, TimePoint time) {
  auto memory = columns.amount("memory_working_set");
  if (!memory) memory = columns.amount("memory_usage");
  fleet_.note_container(std::string{columns.text("host")}, std::string{columns.text("name")}, time,
                        {columns.amount("cpu_cores"), memory, columns.amount("writable_bytes")});
}

std::optional<Error> ExportReader::take(const ExportColumns& columns) {
  if (columns.given() != columns.size()) {
    return Error{Errc::malformed, fmt::format("{}: {} cells, the header has {}", lines_.place(),
                                              columns.given(), columns.size())};
  }
  const auto measurement = columns.text("measurement");
  if (measurement != "Device" && measurement != "Container") return std::nullopt;
  const auto time = parse_rfc3339(columns.text("time"));
  if (!time) return time.error().in(lines_.place());
  if (columns.text("host").empty()) {
    return Error{Errc::malformed, lines_.place() + ": no host"};
  }
  if (measurement == "Device") {
    take_device(columns, *time);
  } else {
    take_container(columns, *time);
  }
  if (const auto full = fleet_.full()) return full->in(lines_.place());
  return std::nullopt;
}

Result<BalancingFleet> ExportReader::read() {
  auto header = record();
  if (!header) return header.error();
  auto& names = *header;
  if (!names || names->size() < 2 || (*names)[0] != "time" || (*names)[1] != "measurement") {
    return Error{Errc::malformed, fmt::format("{}: not what `plimsoll export` writes: expected the "
                                              "header {},…",
                                              lines_.place(), first_cells)};
  }
  ExportColumns columns{std::move(*names)};
  for (;;) {
    auto row = record();
    if (!row) return row.error();
    auto& cells = *row;
    if (!cells) break;
    columns.take(std::move(*cells));
    if (auto wrong = take(columns)) return std::move(*wrong);
  }
  auto fleet = fleet_.finish();
  if (!fleet) return fleet.error().in(printable(name_));
  fleet->name = name_;
  return fleet;
}

}  // namespace

bool is_export_file(const std::string& path) {
  TraceInput input{path};
  std::string start(first_cells.size(), '\0');
  input.stream().read(start.data(), static_cast<std::streamsize>(start.size()));
  return start == first_cells;
}

Result<BalancingFleet> read_export(std::istream& in, const std::string& name, Duration step,
                                   const TraceLimits& limits) {
  return ExportReader{in, name, step, limits}.read();
}

Result<BalancingFleet> read_export_file(const std::string& path, Duration step,
                                        const TraceLimits& limits) {
  return read_input_file(path, [&](std::istream& in, const std::string& name) {
    return read_export(in, name, step, limits);
  });
}

}  // namespace plimsoll
