#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_set>

#include "core/text.h"
#include "simulate/bounded_lines.h"
#include "simulate/trace.h"
#include "simulate/trace_input.h"

namespace plimsoll {
namespace {

enum class RowKind { cpu_percent, cpu_permille, memory_permille };

double full_scale(RowKind kind) { return kind == RowKind::cpu_percent ? 100 : 1000; }
double most(RowKind kind) { return kind == RowKind::cpu_percent ? 100 : 1e6; }

struct RowHead {
  std::string_view name;
  RowKind kind{};
  std::string_view values;
};

/// Puts rows together as lines come; says what is wrong with one in words without a place.
class TraceBuilder {
 public:
  TraceBuilder(std::string name, const TraceLimits& limits) : limits_(limits) {
    trace_.name = std::move(name);
  }

  std::optional<Error> take(std::string_view line);
  std::optional<Error> finish();
  Trace give() { return std::move(trace_); }

 private:
  std::optional<Error> check_turn(const RowHead& head);
  std::optional<Error> check_room(std::size_t count);
  std::optional<Error> read_values(const RowHead& head);

  const TraceLimits& limits_;
  Trace trace_;
  std::unordered_set<std::string> names_;
  std::optional<bool> pairs_;  // whether rows come in pairs of CPU and memory
  bool memory_due_ = false;
  std::vector<double> values_;
};

Error malformed(std::string message) { return {Errc::malformed, std::move(message)}; }

std::optional<RowHead> split_head(std::string_view line) {
  const auto comma = line.find(',');
  if (comma == std::string_view::npos || comma == 0) return std::nullopt;
  RowHead head{line.substr(0, comma), RowKind::cpu_percent, line.substr(comma + 1)};
  const auto second = head.values.substr(0, head.values.find(','));
  if (second != "cpu" && second != "mem") return head;
  head.kind = second == "cpu" ? RowKind::cpu_permille : RowKind::memory_permille;
  head.values.remove_prefix(std::min(second.size() + 1, head.values.size()));
  return head;
}

std::optional<Error> TraceBuilder::check_turn(const RowHead& head) {
  if (trim(head.name).empty() || printable(head.name, head.name.size()) != head.name) {
    return malformed("a name is missing or cannot be printed");
  }
  const bool pair = head.kind != RowKind::cpu_percent;
  if (pairs_.value_or(pair) != pair) {
    return malformed("rows with and without 'cpu' or 'mem' are mixed");
  }
  pairs_ = pair;
  if (memory_due_ != (head.kind == RowKind::memory_permille)) {
    return malformed(memory_due_ ? "a 'mem' row must follow the 'cpu' row of its workload"
                                 : "a 'mem' row without a 'cpu' row before it");
  }
  if (memory_due_ && head.name != trace_.rows.back().name) {
    return malformed(fmt::format("a 'mem' row of '{}' after the 'cpu' row of '{}'",
                                 printable(head.name, 60), printable(trace_.rows.back().name, 60)));
  }
  if (!memory_due_ && !names_.emplace(head.name).second) {
    return malformed(fmt::format("'{}' stands here a second time", printable(head.name, 60)));
  }
  return std::nullopt;
}

std::optional<Error> TraceBuilder::check_room(std::size_t count) {
  if (trace_.steps == 0) trace_.steps = count;
  if (count != trace_.steps) {
    return malformed(fmt::format("{} values, the first row has {}", count, trace_.steps));
  }
  const std::size_t rows = trace_.rows.size() + 1;
  const std::size_t values = rows * count * (*pairs_ ? 2 : 1);
  if (rows > limits_.rows) {
    return Error{Errc::too_large, fmt::format("more than {} workloads", limits_.rows)};
  }
  if (values > limits_.values) {
    return Error{Errc::too_large, fmt::format("more than {} values", limits_.values)};
  }
  return std::nullopt;
}

std::optional<Error> TraceBuilder::read_values(const RowHead& head) {
  values_.clear();
  const double scale = full_scale(head.kind);
  for (const char *at = head.values.data(), *end = at + head.values.size();;) {
    double value = -1;
    const auto [rest, error] = std::from_chars(at, end, value);
    if (error != std::errc{} || !(value >= 0 && value <= most(head.kind)) ||
        (rest != end && *rest != ',')) {
      const std::string_view cell{at, static_cast<std::size_t>(std::find(at, end, ',') - at)};
      return malformed(fmt::format("value {}: '{}' is no number from 0 to {}", values_.size() + 1,
                                   printable(cell, 20), most(head.kind)));
    }
    if (values_.size() == limits_.steps) {
      return Error{Errc::too_large, fmt::format("more than {} steps", limits_.steps)};
    }
    values_.push_back(std::min(value, scale) / scale);
    if (rest == end) return std::nullopt;
    at = rest + 1;
  }
}

std::optional<Error> TraceBuilder::take(std::string_view line) {
  const auto head = split_head(line);
  if (!head) return malformed("no workload: expected NAME,VALUE,VALUE,…");
  if (auto wrong = check_turn(*head)) return wrong;
  if (auto wrong = read_values(*head)) return wrong;
  if (auto wrong = check_room(values_.size())) return wrong;
  if (memory_due_) {
    trace_.rows.back().memory = values_;
  } else {
    trace_.rows.push_back({std::string{head->name}, values_, {}});
  }
  memory_due_ = head->kind == RowKind::cpu_permille;
  return std::nullopt;
}

std::optional<Error> TraceBuilder::finish() {
  if (trace_.rows.empty()) return malformed("no workloads");
  if (memory_due_) return malformed("the last 'cpu' row has no 'mem' row after it");
  if (trace_.steps < 2) return malformed("one step is not enough: the next one is what is scored");
  return std::nullopt;
}

}  // namespace

Result<Trace> read_trace(std::istream& in, const std::string& name, const TraceLimits& limits) {
  TraceBuilder builder{name, limits};
  BoundedLines lines{in, name, limits.line_bytes, limits.file_bytes};
  for (;;) {
    const auto line = lines.next();
    if (!line) return line.error();
    const auto& text = *line;
    if (!text) break;
    if (text->empty()) continue;
    if (const auto wrong = builder.take(*text)) return wrong->in(lines.place());
  }
  if (const auto wrong = builder.finish()) return wrong->in(lines.place());
  return builder.give();
}

Result<Trace> read_trace_file(const std::string& path, const TraceLimits& limits) {
  return read_input_file(path, [&](std::istream& in, const std::string& name) {
    return read_trace(in, name, limits);
  });
}

}  // namespace plimsoll
