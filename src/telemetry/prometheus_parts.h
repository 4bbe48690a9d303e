#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/prometheus_text.h"
#include "telemetry/reading.h"

namespace plimsoll {

// What prometheus.cpp puts together; not for others.

/// Counters of the machine under node_exporter's names.
void put_node_counters(PrometheusText& out, const KernelCounters& counters);

/// Everything of the containers. The counters may lack some of them, or be null.
void put_containers(PrometheusText& out, const HostReading& reading);

/// `put(resource, kind, window, percent)` for each average there is.
template <class Put>
void each_pressure(const PressureSet& set, Put put) {
  const auto line = [&](std::string_view resource, std::string_view kind, const PressureLine& l) {
    put(resource, kind, "10s", l.avg10);
    put(resource, kind, "60s", l.avg60);
    put(resource, kind, "300s", l.avg300);
  };
  const auto both = [&](std::string_view resource, const std::optional<Pressure>& pressure) {
    if (!pressure) return;
    line(resource, "some", pressure->some);
    if (pressure->full) line(resource, "full", *pressure->full);
  };
  both("cpu", set.cpu);
  both("memory", set.memory);
  both("io", set.io);
}

/// `put(name, seconds)` for each total there is; the name is node_exporter's and cAdvisor's middle
/// part: "cpu_waiting", "io_stalled", ...
template <class Put>
void each_pressure_total(const PressureTotals& totals, Put put) {
  const auto one = [&](std::string_view name, const std::optional<std::uint64_t>& microseconds) {
    if (microseconds) put(name, static_cast<double>(*microseconds) / 1e6);
  };
  one("cpu_waiting", totals.cpu.some);
  one("cpu_stalled", totals.cpu.full);
  one("memory_waiting", totals.memory.some);
  one("memory_stalled", totals.memory.full);
  one("io_waiting", totals.io.some);
  one("io_stalled", totals.io.full);
}

}  // namespace plimsoll
