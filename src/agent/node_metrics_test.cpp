#include "agent/node_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "agent/host_fs.h"

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using ByName = std::map<std::string, std::uint64_t>;

template <class Read>
ByName read_by(Read read, std::string_view text) {
  Figures figures;
  read(text, figures);
  ByName out;
  for (const auto& [metric, value] : figures) {
    EXPECT_TRUE(out.emplace(metric->name, value * metric->unit).second) << metric->name;
  }
  return out;
}

TEST(NodeMetrics, MemoryInBytesWithoutBrackets) {
  EXPECT_THAT(read_by(read_meminfo_figures,
                      "MemTotal: 100 kB\nMemFree: 10 kB\nActive(anon): 2 kB\nNew: 1 kB\n"
                      "HugePages_Total:       3\n"),
              ElementsAre(Pair("node_memory_Active_anon_bytes", 2048),
                          Pair("node_memory_HugePages_Total", 3),
                          Pair("node_memory_MemFree_bytes", 10'240)));
}

TEST(NodeMetrics, WhatFollowsTheCores) {
  EXPECT_THAT(read_by(read_stat_figures,
                      "cpu  1 2 3\ncpu0 1 2 3\nintr 11502490 0 0 5\nctxt 23\nbtime 1795349742\n"
                      "processes 571926\nprocs_running 1\nprocs_blocked 0\nsoftirq 6330435 0\n"),
              ElementsAre(Pair("node_boot_time_seconds", 1'795'349'742),
                          Pair("node_context_switches_total", 23),
                          Pair("node_forks_total", 571'926), Pair("node_intr_total", 11'502'490),
                          Pair("node_procs_blocked", 0), Pair("node_procs_running", 1)));
}

TEST(NodeMetrics, TablesOfANameLineAndANumberLine) {
  EXPECT_THAT(
      read_by(read_netstat_figures,
              "TcpExt: SyncookiesSent ListenDrops Later\nTcpExt: 1 2 3\n"
              "Udp: InDatagrams InErrors\nUdp: 5 6\n"),
      ElementsAre(Pair("node_netstat_TcpExt_ListenDrops", 2),
                  Pair("node_netstat_TcpExt_SyncookiesSent", 1),
                  Pair("node_netstat_Udp_InDatagrams", 5), Pair("node_netstat_Udp_InErrors", 6)));
}

TEST(NodeMetrics, SocketsFilesAndPages) {
  EXPECT_THAT(read_by(read_sockstat_figures, "sockets: used 16\nTCP: inuse 2 orphan 0 odd\n"),
              ElementsAre(Pair("node_sockstat_TCP_inuse", 2), Pair("node_sockstat_TCP_orphan", 0),
                          Pair("node_sockstat_sockets_used", 16)));
  EXPECT_THAT(
      read_by(read_file_nr_figures, "597\t0\t2466165\n"),
      ElementsAre(Pair("node_filefd_allocated", 597), Pair("node_filefd_maximum", 2'466'165)));
  EXPECT_THAT(read_by(read_entropy_figure, "256\n"),
              ElementsAre(Pair("node_entropy_available_bits", 256)));
  EXPECT_THAT(read_by(read_vmstat_figures, "nr_free_pages 5\npgmajfault 7\n"),
              ElementsAre(Pair("node_vmstat_pgmajfault", 7)));
}

TEST(NodeMetrics, GarbageGivesNothing) {
  for (const char* text : {"", "\n", "TcpExt:", "TcpExt: a\nIpExt: 1\n", "ctxt x\n", ": : :\n",
                           "TcpExt: ListenDrops\nTcpExt:\n", "MemFree: -1 kB\n"}) {
    for (const auto read :
         {read_meminfo_figures, read_stat_figures, read_vmstat_figures, read_netstat_figures,
          read_sockstat_figures, read_file_nr_figures, read_entropy_figure}) {
      EXPECT_THAT(read_by(read, text), IsEmpty()) << text;
    }
  }
}

/// The tables name what a kernel of today really has.
TEST(NodeMetrics, ThisMachineHasMostOfThem) {
  const HostFs fs;
  const auto count = [&](auto read, const char* path) {
    return read_by(read, fs.try_read(path).value_or("")).size();
  };
  EXPECT_GE(count(read_meminfo_figures, "/proc/meminfo"), 35U);
  EXPECT_EQ(count(read_stat_figures, "/proc/stat"), 6U);
  EXPECT_GE(count(read_vmstat_figures, "/proc/vmstat"), 6U);
  EXPECT_GE(count(read_netstat_figures, "/proc/net/netstat"), 10U);
  EXPECT_GE(count(read_netstat_figures, "/proc/net/snmp"), 15U);
  EXPECT_GE(count(read_sockstat_figures, "/proc/net/sockstat"), 8U);
  EXPECT_EQ(count(read_file_nr_figures, "/proc/sys/fs/file-nr"), 2U);
}

}  // namespace
}  // namespace plimsoll
