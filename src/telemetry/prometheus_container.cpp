#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "telemetry/prometheus_parts.h"

namespace plimsoll {
namespace {

constexpr auto gauge = PrometheusText::Kind::gauge;
constexpr auto counter = PrometheusText::Kind::counter;

/// One container with what is known of it from both sides.
struct Row {
  const ContainerReading* reading;
  const ContainerCounters* counters;  ///< nullptr: none.
  PrometheusText::LabelText labels;
};
using Rows = std::vector<Row>;

const ContainerCounters* counters_of(const KernelCounters* all, const std::string& id) {
  if (all == nullptr) return nullptr;
  const auto found = std::ranges::lower_bound(all->containers, id, {}, &ContainerCounters::id);
  return found != all->containers.end() && found->id == id ? &*found : nullptr;
}

Rows rows_of(const std::vector<ContainerReading>& containers, const KernelCounters* counters) {
  Rows rows;
  rows.reserve(containers.size());
  for (const auto& container : containers) {
    rows.push_back(
        {&container, counters_of(counters, container.id),
         PrometheusText::LabelText{
             {{"id", container.id}, {"name", container.name}, {"image", container.image}}}});
  }
  return rows;
}

/// The current family's sample of each container that has one.
template <class Value>
void put_each(PrometheusText& out, const Rows& rows, Value value) {
  for (const auto& row : rows) out.sample(row.labels, value(*row.reading));
}
template <class Value>
void put_each_counter(PrometheusText& out, const Rows& rows, Value value) {
  for (const auto& row : rows) {
    if (row.counters != nullptr) out.sample(row.labels, value(*row.counters));
  }
}

std::optional<double> as_seconds(const std::optional<std::uint64_t>& nanoseconds) {
  if (!nanoseconds) return std::nullopt;
  return static_cast<double>(*nanoseconds) / 1e9;
}

void put_levels(PrometheusText& out, const Rows& rows) {
  out.family("container_cpu_usage_seconds_total", counter, "CPU time since start.");
  put_each(out, rows, [](const auto& c) { return as_seconds(c.cpu_ns); });
  out.family("container_memory_usage_bytes", gauge, "Memory with page cache.");
  put_each(out, rows, [](const auto& c) { return c.memory_usage; });
  out.family("container_memory_working_set_bytes", gauge, "Usage less inactive file pages.");
  put_each(out, rows, [](const auto& c) { return c.memory_working_set; });
  out.family("container_memory_cache", gauge, "Page cache, in bytes.");
  put_each(out, rows, [](const auto& c) { return c.memory_cache; });
  out.family("container_spec_memory_limit_bytes", gauge, "Memory limit.");
  put_each(out, rows, [](const auto& c) { return c.memory_limit; });
  out.family("container_network_receive_bytes_total", counter, "Bytes received since start.");
  put_each(out, rows, [](const auto& c) { return c.network_rx_bytes; });
  out.family("container_network_transmit_bytes_total", counter, "Bytes sent since start.");
  put_each(out, rows, [](const auto& c) { return c.network_tx_bytes; });
  out.family("container_start_time_seconds", gauge, "When it was started, since 1970.");
  put_each(out, rows, [](const auto& c) -> std::optional<double> {
    if (!c.started_at) return std::nullopt;
    return seconds(c.started_at->time_since_epoch());
  });
}

/// cAdvisor tells the limit as microseconds in each period; we know their ratio.
constexpr double period_us = 100'000;

void put_quota(PrometheusText& out, const Rows& rows) {
  out.family("container_spec_cpu_quota", gauge, "CPU limit: microseconds in each period.");
  put_each(out, rows, [](const auto& c) -> std::optional<double> {
    if (!c.cpu_limit_cores) return std::nullopt;
    return std::round(*c.cpu_limit_cores * period_us);
  });
  out.family("container_spec_cpu_period", gauge, "The period of the CPU limit, in microseconds.");
  put_each(out, rows, [](const auto& c) -> std::optional<double> {
    if (!c.cpu_limit_cores) return std::nullopt;
    return period_us;
  });
}

/// Of those that were really looked at: without a cgroup there is nothing to be seen.
void put_last_seen(PrometheusText& out, const Rows& rows, TimePoint sampled_at) {
  out.family("container_last_seen", gauge, "When it was last seen running, since 1970.");
  for (const auto& row : rows) {
    if (!row.reading->cpu_ns && !row.reading->memory_usage) continue;
    out.sample(row.labels, seconds(sampled_at.time_since_epoch()));
  }
}

void put_counters(PrometheusText& out, const Rows& rows) {
  out.family("container_cpu_cfs_periods_total", counter, "Periods of its CPU quota.");
  put_each_counter(out, rows, [](const auto& c) { return c.periods; });
  out.family("container_cpu_cfs_throttled_periods_total", counter, "Those it was throttled in.");
  put_each_counter(out, rows, [](const auto& c) { return c.throttled_periods; });
  out.family("container_cpu_cfs_throttled_seconds_total", counter, "Time it was throttled.");
  put_each_counter(out, rows, [](const auto& c) { return as_seconds(c.throttled_ns); });
  out.family("container_memory_rss", gauge, "Anonymous memory, in bytes.");
  put_each_counter(out, rows, [](const auto& c) { return c.memory_anonymous; });
  out.family("container_oom_events_total", counter, "Processes killed for want of memory.");
  put_each_counter(out, rows, [](const auto& c) { return c.oom_kills; });
  out.family("container_fs_reads_bytes_total", counter, "Bytes read from disks.");
  put_each_counter(out, rows, [](const auto& c) { return c.block_read_bytes; });
  out.family("container_fs_writes_bytes_total", counter, "Bytes written to disks.");
  put_each_counter(out, rows, [](const auto& c) { return c.block_written_bytes; });
}

void put_ours(PrometheusText& out, const Rows& rows) {
  out.family("plimsoll_container_cpu_cores", gauge, "Cores in use over the sampling interval.");
  put_each(out, rows, [](const auto& c) { return c.cpu_cores; });
  out.family("plimsoll_container_cpu_limit_cores", gauge, "CPU limit.");
  put_each(out, rows, [](const auto& c) { return c.cpu_limit_cores; });
  out.family("plimsoll_container_throttled_percent", gauge, "Share of CPU periods throttled.");
  put_each(out, rows, [](const auto& c) { return c.throttled_percent; });
  out.family("plimsoll_container_image_bytes", gauge, "Size of its image, uncompressed.");
  put_each(out, rows, [](const auto& c) { return c.image_bytes; });
  out.family("plimsoll_container_writable_bytes", gauge, "Size of its writable layer.");
  put_each(out, rows, [](const auto& c) { return c.writable_bytes; });
  out.family("plimsoll_container_restarts", gauge, "Restarts by its restart policy.");
  put_each(out, rows, [](const auto& c) { return c.restarts; });
  out.family("plimsoll_container_running", gauge, "1 when its state is running.");
  put_each(out, rows, [](const auto& c) { return c.state == "running" ? 1.0 : 0.0; });
}

/// A family's samples must stand together, so each is gone through for all containers.
void put_pressure(PrometheusText& out, const Rows& rows) {
  out.family("plimsoll_container_pressure_percent", gauge, "As plimsoll_pressure_percent.");
  for (const auto& row : rows) {
    each_pressure(
        row.reading->pressure, [&](auto resource, auto kind, auto window, double percent) {
          out.sample(row.labels.with({{"resource", resource}, {"kind", kind}, {"window", window}}),
                     percent);
        });
  }
  const PressureTotals each{{0, 0}, {0, 0}, {0, 0}};
  each_pressure_total(each, [&](std::string_view wanted, double) {
    out.family(fmt::format("container_pressure_{}_seconds_total", wanted), counter,
               "Time in which some (waiting) or all (stalled) of its tasks waited.");
    for (const auto& row : rows) {
      if (row.counters == nullptr) continue;
      each_pressure_total(row.counters->pressure, [&](std::string_view name, double seconds) {
        if (name == wanted) out.sample(row.labels, seconds);
      });
    }
  });
}

}  // namespace

void put_containers(PrometheusText& out, const HostReading& reading) {
  const Rows rows = rows_of(reading.containers, reading.counters.get());
  put_levels(out, rows);
  put_quota(out, rows);
  put_last_seen(out, rows, reading.sampled_at);
  put_counters(out, rows);
  put_ours(out, rows);
  put_pressure(out, rows);
}

}  // namespace plimsoll
