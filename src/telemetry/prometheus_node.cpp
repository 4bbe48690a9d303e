#include <fmt/format.h>

#include <array>

#include "telemetry/prometheus_parts.h"

namespace plimsoll {
namespace {

constexpr auto gauge = PrometheusText::Kind::gauge;
constexpr auto counter = PrometheusText::Kind::counter;
constexpr double ticks_per_second = 100;
constexpr double milliseconds = 1e-3;

/// The family of one column of a table.
struct Column {
  std::string_view name;
  std::string_view help;
  double unit = 1;
  PrometheusText::Kind kind = counter;
};

constexpr double sector = static_cast<double>(sector_bytes);
constexpr std::array<Column, 17> disk_columns{{
    {"reads_completed_total", "Reads completed."},
    {"reads_merged_total", "Reads merged with others."},
    {"read_bytes_total", "Bytes read.", sector},
    {"read_time_seconds_total", "Time spent by all reads.", milliseconds},
    {"writes_completed_total", "Writes completed."},
    {"writes_merged_total", "Writes merged with others."},
    {"written_bytes_total", "Bytes written.", sector},
    {"write_time_seconds_total", "Time spent by all writes.", milliseconds},
    {"io_now", "Requests under way.", 1, gauge},
    {"io_time_seconds_total", "Time with a request under way.", milliseconds},
    {"io_time_weighted_seconds_total", "The same, times requests under way.", milliseconds},
    {"discards_completed_total", "Discards completed."},
    {"discards_merged_total", "Discards merged with others."},
    {"discarded_sectors_total", "Sectors discarded."},
    {"discard_time_seconds_total", "Time spent by all discards.", milliseconds},
    {"flush_requests_total", "Flushes completed."},
    {"flush_requests_time_seconds_total", "Time spent by all flushes.", milliseconds},
}};

constexpr std::array<Column, 16> nic_columns{{
    {"receive_bytes_total", "Bytes received."},
    {"receive_packets_total", "Packets received."},
    {"receive_errs_total", "Receive errors."},
    {"receive_drop_total", "Incoming packets dropped."},
    {"receive_fifo_total", "Receive queue overruns."},
    {"receive_frame_total", "Frames of the wrong form."},
    {"receive_compressed_total", "Compressed packets received."},
    {"receive_multicast_total", "Multicast packets received."},
    {"transmit_bytes_total", "Bytes sent."},
    {"transmit_packets_total", "Packets sent."},
    {"transmit_errs_total", "Send errors."},
    {"transmit_drop_total", "Outgoing packets dropped."},
    {"transmit_fifo_total", "Send queue overruns."},
    {"transmit_colls_total", "Collisions."},
    {"transmit_carrier_total", "Losses of the carrier."},
    {"transmit_compressed_total", "Compressed packets sent."},
}};

template <std::size_t count>
void put_table(PrometheusText& out, std::string_view prefix,
               const std::array<Column, count>& columns,
               const std::vector<CounterRow<count>>& rows) {
  for (std::size_t i = 0; i < count; ++i) {
    const Column& column = columns.at(i);
    out.family(fmt::format("{}{}", prefix, column.name), column.kind, column.help);
    for (const auto& row : rows) {
      out.sample({{"device", row.name}}, static_cast<double>(row.figures.at(i)) * column.unit);
    }
  }
}

void put_cores(PrometheusText& out, const std::vector<CoreCounters>& cores) {
  static constexpr std::array<std::string_view, 8> modes{"user",   "nice", "system",  "idle",
                                                         "iowait", "irq",  "softirq", "steal"};
  const auto put = [&](const CoreCounters& core, std::string_view mode, std::size_t at) {
    out.sample({{"cpu", core.name}, {"mode", mode}},
               static_cast<double>(core.figures.at(at)) / ticks_per_second);
  };
  out.family("node_cpu_seconds_total", counter, "Time of each core in each mode.");
  for (const auto& core : cores) {
    for (std::size_t i = 0; i < modes.size(); ++i) put(core, modes.at(i), i);
  }
  out.family("node_cpu_guest_seconds_total", counter, "Time of guests, inside user and nice.");
  for (const auto& core : cores) {
    put(core, "user", modes.size());
    put(core, "nice", modes.size() + 1);
  }
}

}  // namespace

void put_node_counters(PrometheusText& out, const KernelCounters& counters) {
  put_cores(out, counters.cores);
  put_table(out, "node_disk_", disk_columns, counters.disks);
  put_table(out, "node_network_", nic_columns, counters.nics);
  for (const auto& [metric, value] : counters.figures) {
    out.family(metric->name, metric->is_counter ? counter : gauge, metric->help);
    out.sample({}, value * metric->unit);
  }
  each_pressure_total(counters.pressure, [&](std::string_view name, double seconds) {
    out.family(fmt::format("node_pressure_{}_seconds_total", name), counter,
               "Time in which some (waiting) or all (stalled) tasks waited.");
    out.sample({}, seconds);
  });
}

}  // namespace plimsoll
