#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/time.h"
#include "monitor/histogram.h"
#include "runtime/dns_cache.h"
#include "spool/spool_queue.h"

namespace plimsoll {

/// What a monitor counts of itself, since its start but for the last group.
struct MonitorCounters {
  std::uint64_t polls = 0;
  std::uint64_t polls_failed = 0;
  std::uint64_t polls_passed_over = 0;  ///< Of hosts that have been down for a while.
  std::uint64_t polls_overlapped = 0;   ///< Left out since the poll before had not ended.
  std::uint64_t polls_missed = 0;       ///< Left out since this program was late by an interval.
  std::map<std::string, std::uint64_t> failures;  ///< By error class.
  std::uint64_t answer_bytes = 0;
  DurationHistogram lateness;  ///< Of a poll's beginning.
  DurationHistogram duration;
  DnsCounters dns;

  std::uint64_t points_made = 0;
  std::uint64_t points_written = 0;
  std::uint64_t points_rejected = 0;  ///< By the store.
  DurationHistogram store_write;      ///< Each call of the store.
  std::uint64_t hosts_reloads = 0;    ///< Edits of host.csv that were taken over.

  // As of now.
  std::size_t polls_under_way = 0;
  SpoolCounters spool;
  bool store_away = false;
  std::size_t hosts_up = 0;
  std::size_t hosts_down = 0;
  std::size_t hosts_unknown = 0;  ///< Not polled yet.
  std::size_t hosts_clock_off = 0;
};

/// The counters and the process's own figures as Prometheus text (docs/formats/metrics.md).
/// Blocks: on /proc, some milliseconds with 10,000 connections.
[[nodiscard]] std::string render_monitor_metrics(const MonitorCounters& counters);

}  // namespace plimsoll
