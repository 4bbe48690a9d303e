#include "fleet/container_use.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace plimsoll {
namespace {

using Value = std::optional<double>;
using RowSpan = std::span<const SummaryRow>;

/// Over all rows, each counting as it has values.
Value mean_of(RowSpan rows, ContainerField field) {
  double sum = 0;
  std::uint64_t count = 0;
  for (const SummaryRow& row : rows) {
    const Summary& summary = row.fields.at(static_cast<std::size_t>(field));
    sum += summary.count > 0 ? summary.sum : 0;
    count += summary.count;
  }
  return count > 0 ? Value{sum / static_cast<double>(count)} : Value{};
}

Value cores_of(RowSpan rows, const Capacity& capacity) {
  const Value cores = mean_of(rows, ContainerField::cpu_cores);
  const Value percent = mean_of(rows, ContainerField::cpu_percent);
  if (cores || !percent || !capacity.cpu_cores) return cores;
  return *percent / 100 * *capacity.cpu_cores;
}

/// With the page cache where the working set is not known.
Value memory_of(RowSpan rows) {
  const Value memory = mean_of(rows, ContainerField::memory_working_set);
  return memory ? memory : mean_of(rows, ContainerField::memory_usage);
}

Bytes whole(double bytes) {
  return Bytes{bytes > 0 ? static_cast<std::uint64_t>(bytes) : std::uint64_t{0}};
}

std::optional<ContainerSample> window_of(RowSpan rows, const Capacity& capacity, TimePoint end) {
  const Value cores = cores_of(rows, capacity);
  if (!cores) return std::nullopt;
  return ContainerSample{end, *cores, whole(memory_of(rows).value_or(0))};
}

/// The highest step.
double peak_of(RowSpan rows, const Capacity& capacity) {
  double peak = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    peak = std::max(peak, cores_of(rows.subspan(i, 1), capacity).value_or(0));
  }
  return peak;
}

/// Cuts steps into windows that end a whole number of windows before now, oldest first.
template <class Take>
void for_each_window(RowSpan rows, const Policy& policy, TimePoint now, const Take& take) {
  const Duration window = steps_of_window(policy) * container_step(policy);
  const auto number = [&](const SummaryRow& row) {
    return (now + reading_slack - row.start - Duration{1}) / window;  // 0: the newest
  };
  while (!rows.empty()) {
    const auto which = number(rows.front());
    const auto end =
        std::ranges::find_if(rows, [&](const SummaryRow& row) { return number(row) != which; });
    const auto size = static_cast<std::size_t>(end - rows.begin());
    take(rows.first(size), now - which * window);
    rows = rows.subspan(size);
  }
}

std::string tag(const SummarySeries& series, const std::string& name) {
  const auto found = series.tags.find(name);
  return found == series.tags.end() ? std::string{} : found->second;
}

}  // namespace

ContainerKey container_key(const SummarySeries& series) {
  return {tag(series, "host"), tag(series, "name"), tag(series, "id")};
}

void add_use(const SummarySeries& series, const Capacity& capacity, const Policy& policy,
             TimePoint now, ContainerState& container) {
  if (const Value cores = cores_of(series.rows, capacity)) container.cpu_cores = cores;
  if (const Value memory = memory_of(series.rows)) container.memory = whole(*memory);
  const Duration step = container_step(policy);
  if (series.rows.empty() || step >= policy.window) return;
  if (series.rows.back().start + step < now) return;  // nothing was heard of it since
  container.cpu_cores_lately = cores_of(RowSpan{series.rows}.last(1), capacity);
}

void note_windows(const FleetData& data,
                  const std::function<Capacity(const std::string&)>& capacity_of,
                  const Policy& policy, TimePoint now, ContainerHistories& histories) {
  if (policy.detector != Detector::spread) return;
  const auto add = [&](const SummarySeries& series, RowSpan rows, TimePoint end) {
    const ContainerKey key = container_key(series);
    const Capacity capacity = capacity_of(key[0]);
    const auto window = window_of(rows, capacity, end);
    if (window) histories.add(key, *window, peak_of(rows, capacity));
  };
  if (!histories.is_begun()) {
    for (const SummarySeries& series : data.windows) {
      for_each_window(series.rows, policy, now,
                      [&](RowSpan rows, TimePoint end) { add(series, rows, end); });
    }
    histories.added_until(now);
  } else if (histories.is_due(now)) {
    for (const SummarySeries& series : data.containers) add(series, series.rows, now);
    histories.added_until(now);
  }
}

}  // namespace plimsoll
