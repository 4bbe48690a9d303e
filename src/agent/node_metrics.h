#pragma once

#include <string_view>
#include <vector>

#include "telemetry/kernel_counters.h"

namespace plimsoll {

using Figures = std::vector<KernelCounters::Figure>;

// Readers of files of /proc whose figures only /metrics shows: each adds those that node_exporter
// shows by default, under its names. Lines that are not known are passed over.

/// /proc/meminfo, but for what MemoryReading has.
void read_meminfo_figures(std::string_view text, Figures& out);
/// /proc/stat: interrupts, context switches, forks, boot time, processes running and blocked.
void read_stat_figures(std::string_view text, Figures& out);
/// /proc/vmstat.
void read_vmstat_figures(std::string_view text, Figures& out);
/// /proc/net/netstat and /proc/net/snmp: a line of names, then a line of numbers.
void read_netstat_figures(std::string_view text, Figures& out);
/// /proc/net/sockstat: "TCP: inuse 5 orphan 0 ...".
void read_sockstat_figures(std::string_view text, Figures& out);
/// /proc/sys/fs/file-nr: open, unused, most.
void read_file_nr_figures(std::string_view text, Figures& out);
/// /proc/sys/kernel/random/entropy_avail: one number.
void read_entropy_figure(std::string_view text, Figures& out);

}  // namespace plimsoll
