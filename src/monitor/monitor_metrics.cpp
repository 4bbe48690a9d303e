#include "monitor/monitor_metrics.h"

#include <fmt/format.h>

#include <iterator>

#include "runtime/process_stats.h"
#include "telemetry/prometheus_text.h"

namespace plimsoll {
namespace {

using Kind = PrometheusText::Kind;

class Text {
 public:
  void count(std::string_view name, std::string_view help, std::uint64_t value) {
    text_.family(name, Kind::counter, help).sample({}, value);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    text_.family(name, Kind::gauge, help).sample({}, value);
  }
  void seconds(std::string_view name, Kind kind, std::string_view help, double value) {
    text_.family(name, kind, help).sample({}, value);
  }
  PrometheusText& family(std::string_view name, Kind kind, std::string_view help) {
    return text_.family(name, kind, help);
  }
  [[nodiscard]] std::string take() { return text_.take(); }

 private:
  PrometheusText text_;
};

void append_histogram(std::string& out, std::string_view name, std::string_view help,
                      const DurationHistogram& histogram) {
  const auto into = std::back_inserter(out);
  fmt::format_to(into, "# HELP {} {}\n# TYPE {} histogram\n", name, help, name);
  for (std::size_t i = 0; i < DurationHistogram::bounds.size(); ++i) {
    fmt::format_to(into, "{}_bucket{{le=\"{}\"}} {}\n", name, DurationHistogram::bounds[i],
                   histogram.cumulative(i));
  }
  fmt::format_to(into, "{}_bucket{{le=\"+Inf\"}} {}\n", name, histogram.count());
  fmt::format_to(into, "{}_sum {}\n{}_count {}\n", name, histogram.sum_s(), name,
                 histogram.count());
}

void put_polls(Text& text, const MonitorCounters& counters) {
  text.count("plimsoll_monitor_polls_total", "Polls that ended.", counters.polls);
  auto& failures = text.family("plimsoll_monitor_poll_failures_total", Kind::counter,
                               "Polls that gave no telemetry, by error class.");
  for (const auto& [name, count] : counters.failures) failures.sample({{"class", name}}, count);
  text.count("plimsoll_monitor_polls_passed_over_total",
             "Polls left out since the host has been down for a while.",
             counters.polls_passed_over);
  text.count("plimsoll_monitor_polls_overlapped_total",
             "Polls left out since the host's poll before had not ended.",
             counters.polls_overlapped);
  text.count("plimsoll_monitor_polls_missed_total",
             "Polls left out since the monitor was late by a whole interval.",
             counters.polls_missed);
  text.gauge("plimsoll_monitor_polls_under_way", "Polls that have begun and not ended.",
             counters.polls_under_way);
  text.count("plimsoll_monitor_answer_bytes_total", "Bodies of answers, in bytes.",
             counters.answer_bytes);
  text.count("plimsoll_monitor_dns_lookups_total", "Names asked for.", counters.dns.lookups);
  text.count("plimsoll_monitor_dns_failures_total", "Names that could not be resolved.",
             counters.dns.failures);
}

void put_hosts(Text& text, const MonitorCounters& counters) {
  text.family("plimsoll_monitor_hosts", Kind::gauge,
              "Hosts of host.csv by what the last poll gave.")
      .sample({{"state", "up"}}, std::uint64_t{counters.hosts_up})
      .sample({{"state", "down"}}, std::uint64_t{counters.hosts_down})
      .sample({{"state", "unknown"}}, std::uint64_t{counters.hosts_unknown});
  text.gauge("plimsoll_monitor_hosts_clock_off", "Hosts whose clock is off by more than 0.5 s.",
             counters.hosts_clock_off);
  text.count("plimsoll_monitor_host_list_reloads_total", "Edits of host.csv taken over.",
             counters.hosts_reloads);
}

void put_points(Text& text, const MonitorCounters& counters) {
  text.count("plimsoll_monitor_points_total", "Points made out of polls.", counters.points_made);
  text.count("plimsoll_monitor_points_written_total", "Points that the store has taken.",
             counters.points_written);
  text.count("plimsoll_monitor_points_rejected_total",
             "Points that the store has refused for good.", counters.points_rejected);
  text.gauge("plimsoll_monitor_store_away", "1 while the store does not take points.",
             counters.store_away ? 1 : 0);
  const auto& spool = counters.spool;
  text.count("plimsoll_monitor_spool_recovered_total", "Points found in the spool at the start.",
             spool.recovered);
  text.count("plimsoll_monitor_spool_pushed_total", "Points put into the spool.", spool.pushed);
  text.count("plimsoll_monitor_spool_delivered_total", "Points that left it for the store.",
             spool.delivered);
  text.count("plimsoll_monitor_spool_dropped_total",
             "Points dropped from it for want of room or for their age.", spool.dropped);
  text.count("plimsoll_monitor_spool_damaged_total", "Points in it that could not be read.",
             spool.damaged + spool.damaged_at_start);
  text.gauge("plimsoll_monitor_spool_points", "Points that wait in it.", spool.waiting);
  text.gauge("plimsoll_monitor_spool_disk_bytes", "Its size on disk.", spool.disk_bytes);
  text.gauge("plimsoll_monitor_spool_memory_bytes", "What waits in memory only.",
             spool.memory_bytes);
  text.count("plimsoll_monitor_spool_disk_failures_total", "Writes that the disk did not take.",
             spool.disk_failures);
}

void put_process(Text& text) {
  const auto stats = process_stats();
  text.gauge("process_resident_memory_bytes", "Resident memory.", stats.resident_bytes);
  text.gauge("process_open_fds", "Open files and sockets.", stats.open_files);
  text.gauge("process_max_fds", "The most that may be open.", stats.open_files_max);
  text.seconds("process_cpu_seconds_total", Kind::counter, "User and system time.", stats.cpu_s);
}

}  // namespace

std::string render_monitor_metrics(const MonitorCounters& counters) {
  Text text;
  put_polls(text, counters);
  put_hosts(text, counters);
  put_points(text, counters);
  put_process(text);
  std::string out = text.take();
  append_histogram(out, "plimsoll_monitor_poll_lateness_seconds",
                   "How late polls begin after their place in the interval.", counters.lateness);
  append_histogram(out, "plimsoll_monitor_poll_duration_seconds", "How long polls take.",
                   counters.duration);
  append_histogram(out, "plimsoll_monitor_store_write_seconds", "How long the store takes.",
                   counters.store_write);
  return out;
}

}  // namespace plimsoll
