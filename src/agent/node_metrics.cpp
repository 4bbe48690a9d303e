#include "agent/node_metrics.h"

#include <array>
#include <bitset>
#include <span>
#include <string>
#include <unordered_map>

#include "agent/scan.h"

namespace plimsoll {
namespace {

constexpr std::string_view memory_help = "See /proc/meminfo in proc(5).";
constexpr std::string_view netstat_help = "See RFC 1213 and the kernel's snmp_counter.rst.";

constexpr std::array<NodeMetric, 50> memory_metrics{{
    {"MemFree:", "node_memory_MemFree_bytes", memory_help, false, 1024},
    {"Buffers:", "node_memory_Buffers_bytes", memory_help, false, 1024},
    {"SwapCached:", "node_memory_SwapCached_bytes", memory_help, false, 1024},
    {"Active:", "node_memory_Active_bytes", memory_help, false, 1024},
    {"Inactive:", "node_memory_Inactive_bytes", memory_help, false, 1024},
    {"Active(anon):", "node_memory_Active_anon_bytes", memory_help, false, 1024},
    {"Inactive(anon):", "node_memory_Inactive_anon_bytes", memory_help, false, 1024},
    {"Active(file):", "node_memory_Active_file_bytes", memory_help, false, 1024},
    {"Inactive(file):", "node_memory_Inactive_file_bytes", memory_help, false, 1024},
    {"Unevictable:", "node_memory_Unevictable_bytes", memory_help, false, 1024},
    {"Mlocked:", "node_memory_Mlocked_bytes", memory_help, false, 1024},
    {"Dirty:", "node_memory_Dirty_bytes", memory_help, false, 1024},
    {"Writeback:", "node_memory_Writeback_bytes", memory_help, false, 1024},
    {"AnonPages:", "node_memory_AnonPages_bytes", memory_help, false, 1024},
    {"Mapped:", "node_memory_Mapped_bytes", memory_help, false, 1024},
    {"Shmem:", "node_memory_Shmem_bytes", memory_help, false, 1024},
    {"KReclaimable:", "node_memory_KReclaimable_bytes", memory_help, false, 1024},
    {"Slab:", "node_memory_Slab_bytes", memory_help, false, 1024},
    {"SReclaimable:", "node_memory_SReclaimable_bytes", memory_help, false, 1024},
    {"SUnreclaim:", "node_memory_SUnreclaim_bytes", memory_help, false, 1024},
    {"KernelStack:", "node_memory_KernelStack_bytes", memory_help, false, 1024},
    {"PageTables:", "node_memory_PageTables_bytes", memory_help, false, 1024},
    {"SecPageTables:", "node_memory_SecPageTables_bytes", memory_help, false, 1024},
    {"NFS_Unstable:", "node_memory_NFS_Unstable_bytes", memory_help, false, 1024},
    {"Bounce:", "node_memory_Bounce_bytes", memory_help, false, 1024},
    {"WritebackTmp:", "node_memory_WritebackTmp_bytes", memory_help, false, 1024},
    {"CommitLimit:", "node_memory_CommitLimit_bytes", memory_help, false, 1024},
    {"Committed_AS:", "node_memory_Committed_AS_bytes", memory_help, false, 1024},
    {"VmallocTotal:", "node_memory_VmallocTotal_bytes", memory_help, false, 1024},
    {"VmallocUsed:", "node_memory_VmallocUsed_bytes", memory_help, false, 1024},
    {"VmallocChunk:", "node_memory_VmallocChunk_bytes", memory_help, false, 1024},
    {"Percpu:", "node_memory_Percpu_bytes", memory_help, false, 1024},
    {"HardwareCorrupted:", "node_memory_HardwareCorrupted_bytes", memory_help, false, 1024},
    {"AnonHugePages:", "node_memory_AnonHugePages_bytes", memory_help, false, 1024},
    {"ShmemHugePages:", "node_memory_ShmemHugePages_bytes", memory_help, false, 1024},
    {"ShmemPmdMapped:", "node_memory_ShmemPmdMapped_bytes", memory_help, false, 1024},
    {"FileHugePages:", "node_memory_FileHugePages_bytes", memory_help, false, 1024},
    {"FilePmdMapped:", "node_memory_FilePmdMapped_bytes", memory_help, false, 1024},
    {"CmaTotal:", "node_memory_CmaTotal_bytes", memory_help, false, 1024},
    {"CmaFree:", "node_memory_CmaFree_bytes", memory_help, false, 1024},
    {"Hugepagesize:", "node_memory_Hugepagesize_bytes", memory_help, false, 1024},
    {"DirectMap4k:", "node_memory_DirectMap4k_bytes", memory_help, false, 1024},
    {"DirectMap2M:", "node_memory_DirectMap2M_bytes", memory_help, false, 1024},
    {"DirectMap1G:", "node_memory_DirectMap1G_bytes", memory_help, false, 1024},
    {"Zswap:", "node_memory_Zswap_bytes", memory_help, false, 1024},
    {"Zswapped:", "node_memory_Zswapped_bytes", memory_help, false, 1024},
    {"HugePages_Total:", "node_memory_HugePages_Total", "Huge pages, see proc(5)."},
    {"HugePages_Free:", "node_memory_HugePages_Free", "Huge pages, see proc(5)."},
    {"HugePages_Rsvd:", "node_memory_HugePages_Rsvd", "Huge pages, see proc(5)."},
    {"HugePages_Surp:", "node_memory_HugePages_Surp", "Huge pages, see proc(5)."},
}};

constexpr std::array<NodeMetric, 6> stat_metrics{{
    {"ctxt", "node_context_switches_total", "Context switches.", true},
    {"intr", "node_intr_total", "Interrupts.", true},
    {"processes", "node_forks_total", "Forks.", true},
    {"btime", "node_boot_time_seconds", "When the system booted, since 1970.", false},
    {"procs_running", "node_procs_running", "Processes that run or could run.", false},
    {"procs_blocked", "node_procs_blocked", "Processes waiting for a disk.", false},
}};

constexpr std::array<NodeMetric, 7> vmstat_metrics{{
    {"oom_kill", "node_vmstat_oom_kill", "Processes killed for want of memory, since boot."},
    {"pgfault", "node_vmstat_pgfault", "Page faults, since boot."},
    {"pgmajfault", "node_vmstat_pgmajfault", "Page faults that needed a disk, since boot."},
    {"pgpgin", "node_vmstat_pgpgin", "KiB read from disks, since boot."},
    {"pgpgout", "node_vmstat_pgpgout", "KiB written to disks, since boot."},
    {"pswpin", "node_vmstat_pswpin", "Pages swapped in, since boot."},
    {"pswpout", "node_vmstat_pswpout", "Pages swapped out, since boot."},
}};

constexpr std::array<NodeMetric, 30> netstat_metrics{{
    {"TcpExt ListenDrops", "node_netstat_TcpExt_ListenDrops", netstat_help},
    {"TcpExt ListenOverflows", "node_netstat_TcpExt_ListenOverflows", netstat_help},
    {"TcpExt SyncookiesFailed", "node_netstat_TcpExt_SyncookiesFailed", netstat_help},
    {"TcpExt SyncookiesRecv", "node_netstat_TcpExt_SyncookiesRecv", netstat_help},
    {"TcpExt SyncookiesSent", "node_netstat_TcpExt_SyncookiesSent", netstat_help},
    {"TcpExt TCPSynRetrans", "node_netstat_TcpExt_TCPSynRetrans", netstat_help},
    {"TcpExt TCPTimeouts", "node_netstat_TcpExt_TCPTimeouts", netstat_help},
    {"TcpExt TCPOFOQueue", "node_netstat_TcpExt_TCPOFOQueue", netstat_help},
    {"TcpExt TCPRcvQDrop", "node_netstat_TcpExt_TCPRcvQDrop", netstat_help},
    {"IpExt InOctets", "node_netstat_IpExt_InOctets", netstat_help},
    {"IpExt OutOctets", "node_netstat_IpExt_OutOctets", netstat_help},
    {"Ip Forwarding", "node_netstat_Ip_Forwarding", netstat_help},
    {"Icmp InErrors", "node_netstat_Icmp_InErrors", netstat_help},
    {"Icmp InMsgs", "node_netstat_Icmp_InMsgs", netstat_help},
    {"Icmp OutMsgs", "node_netstat_Icmp_OutMsgs", netstat_help},
    {"Tcp ActiveOpens", "node_netstat_Tcp_ActiveOpens", netstat_help},
    {"Tcp CurrEstab", "node_netstat_Tcp_CurrEstab", netstat_help},
    {"Tcp InErrs", "node_netstat_Tcp_InErrs", netstat_help},
    {"Tcp InSegs", "node_netstat_Tcp_InSegs", netstat_help},
    {"Tcp OutRsts", "node_netstat_Tcp_OutRsts", netstat_help},
    {"Tcp OutSegs", "node_netstat_Tcp_OutSegs", netstat_help},
    {"Tcp PassiveOpens", "node_netstat_Tcp_PassiveOpens", netstat_help},
    {"Tcp RetransSegs", "node_netstat_Tcp_RetransSegs", netstat_help},
    {"Udp InDatagrams", "node_netstat_Udp_InDatagrams", netstat_help},
    {"Udp InErrors", "node_netstat_Udp_InErrors", netstat_help},
    {"Udp NoPorts", "node_netstat_Udp_NoPorts", netstat_help},
    {"Udp OutDatagrams", "node_netstat_Udp_OutDatagrams", netstat_help},
    {"Udp RcvbufErrors", "node_netstat_Udp_RcvbufErrors", netstat_help},
    {"Udp SndbufErrors", "node_netstat_Udp_SndbufErrors", netstat_help},
    {"UdpLite InErrors", "node_netstat_UdpLite_InErrors", netstat_help},
}};

constexpr std::array<NodeMetric, 12> sockstat_metrics{{
    {"sockets: used", "node_sockstat_sockets_used", "Sockets, see /proc/net/sockstat."},
    {"TCP: alloc", "node_sockstat_TCP_alloc", "Sockets, see /proc/net/sockstat."},
    {"TCP: inuse", "node_sockstat_TCP_inuse", "Sockets, see /proc/net/sockstat."},
    {"TCP: mem", "node_sockstat_TCP_mem", "Sockets, see /proc/net/sockstat."},
    {"TCP: orphan", "node_sockstat_TCP_orphan", "Sockets, see /proc/net/sockstat."},
    {"TCP: tw", "node_sockstat_TCP_tw", "Sockets, see /proc/net/sockstat."},
    {"UDP: inuse", "node_sockstat_UDP_inuse", "Sockets, see /proc/net/sockstat."},
    {"UDP: mem", "node_sockstat_UDP_mem", "Sockets, see /proc/net/sockstat."},
    {"UDPLITE: inuse", "node_sockstat_UDPLITE_inuse", "Sockets, see /proc/net/sockstat."},
    {"RAW: inuse", "node_sockstat_RAW_inuse", "Sockets, see /proc/net/sockstat."},
    {"FRAG: inuse", "node_sockstat_FRAG_inuse", "Sockets, see /proc/net/sockstat."},
    {"FRAG: memory", "node_sockstat_FRAG_memory", "Sockets, see /proc/net/sockstat."},
}};

constexpr std::array<NodeMetric, 2> file_metrics{{
    {"", "node_filefd_allocated", "Files that are open."},
    {"", "node_filefd_maximum", "Files that may be open."},
}};

constexpr NodeMetric entropy_metric{"", "node_entropy_available_bits", "Entropy to draw on."};

class MetricTable {
 public:
  explicit MetricTable(std::span<const NodeMetric> metrics) {
    for (const auto& metric : metrics) {
      by_key_.emplace(metric.key, &metric);
      last_words_.set(mark_of(metric.key.substr(metric.key.rfind(' ') + 1)));
    }
  }
  /// False: no key ends in this word. Most lines are not wanted, and this is much less than to look
  /// a key up, or to put one together.
  [[nodiscard]] bool may_have(std::string_view last_word) const {
    return last_words_.test(mark_of(last_word));
  }
  /// Adds the figure where the key is known and what follows is a number.
  void read(std::string_view key, std::string_view value, Figures& out) const {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    if (const auto number = take_number<std::uint64_t>(value)) {
      out.push_back({found->second, *number});
    }
  }
  /// Lines of a key and a number.
  void read_lines(std::string_view text, Figures& out) const {
    each_line(text, [&](std::string_view line) {
      const auto key = take_word(line);
      if (may_have(key)) read(key, line, out);
    });
  }

 private:
  static constexpr std::size_t marks = 1'024;
  static std::size_t mark_of(std::string_view word) {
    if (word.empty()) return 0;
    const auto first = static_cast<unsigned char>(word.front());
    const auto last = static_cast<unsigned char>(word.back());
    return (first * 37U + last * 11U + word.size()) % marks;
  }

  std::unordered_map<std::string_view, const NodeMetric*> by_key_;
  std::bitset<marks> last_words_;
};

}  // namespace

void read_meminfo_figures(std::string_view text, Figures& out) {
  static const MetricTable table{memory_metrics};
  table.read_lines(text, out);
}

void read_stat_figures(std::string_view text, Figures& out) {
  static const MetricTable table{stat_metrics};
  table.read_lines(text, out);
}

void read_vmstat_figures(std::string_view text, Figures& out) {
  static const MetricTable table{vmstat_metrics};
  table.read_lines(text, out);
}

void read_netstat_figures(std::string_view text, Figures& out) {
  static const MetricTable table{netstat_metrics};
  std::string key;
  while (!text.empty()) {
    auto names = take_line(text);
    auto values = take_line(text);
    const auto section = take_word(names);
    if (take_word(values) != section || !section.ends_with(':')) return;
    for (auto name = take_word(names); !name.empty(); name = take_word(names)) {
      const auto value = take_word(values);
      if (!table.may_have(name)) continue;
      key.assign(section.substr(0, section.size() - 1)).append(" ").append(name);
      table.read(key, value, out);
    }
  }
}

void read_sockstat_figures(std::string_view text, Figures& out) {
  static const MetricTable table{sockstat_metrics};
  std::string key;
  each_line(text, [&](std::string_view line) {
    const auto section = take_word(line);
    for (auto name = take_word(line); !name.empty(); name = take_word(line)) {
      key.assign(section).append(" ").append(name);
      table.read(key, take_word(line), out);
    }
  });
}

void read_file_nr_figures(std::string_view text, Figures& out) {
  const auto open = take_number<std::uint64_t>(text);
  take_word(text);
  const auto most = parse_number<std::uint64_t>(trim(text));
  if (!open || !most) return;
  out.push_back({&file_metrics[0], *open});
  out.push_back({&file_metrics[1], *most});
}

void read_entropy_figure(std::string_view text, Figures& out) {
  if (const auto bits = whole_value(text)) out.push_back({&entropy_metric, *bits});
}

}  // namespace plimsoll
