#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/proc_devices.h"
#include "agent/proc_memory.h"
#include "agent/proc_stat.h"
#include "support/fake_host.h"

namespace plimsoll {
namespace {

using ::testing::ElementsAre;

TEST(ProcStat, ReadsTheFirstLineAndCountsCores) {
  const auto stat = parse_proc_stat("cpu  10 2 3 40 5 6 7 8 9 0\ncpu0 1 1\ncpu3 1 1\nintr 1\n");
  ASSERT_TRUE(stat) << stat.error().message;
  EXPECT_EQ(stat->ticks, (CpuTicks{10, 2, 3, 40, 5, 6, 7, 8}));
  ASSERT_EQ(stat->cores.size(), 2U);
  EXPECT_EQ(stat->cores[1], (CoreCounters{"3", {1, 1}}));
}

TEST(ProcStat, RefusesWhatIsNotOne) {
  for (const char* text : {"", "intr 5\n", "cpu 1 2 3\ncpu0 1\n", "cpu a b c d e f g h\ncpu0 1\n",
                           "cpu  1 2 3 4 5 6 7 8\n", "<html>"}) {
    EXPECT_FALSE(parse_proc_stat(text)) << text;
  }
}

TEST(CpuModes, AreSharesOfTheTimeBetween) {
  const auto modes = cpu_modes({0, 0, 0, 0, 0, 0, 0, 0}, {10, 0, 5, 75, 5, 1, 2, 2});
  ASSERT_TRUE(modes);
  EXPECT_DOUBLE_EQ(modes->user, 10);
  EXPECT_DOUBLE_EQ(modes->iowait, 5);
  EXPECT_DOUBLE_EQ(used_percent(*modes), 20);
}

TEST(CpuModes, NothingWhenTheCountersStandStillOrWentBack) {
  const CpuTicks ticks{10, 0, 5, 75, 5, 1, 2, 2};
  EXPECT_FALSE(cpu_modes(ticks, ticks));
  EXPECT_FALSE(cpu_modes(ticks, CpuTicks{1, 0, 9, 1, 0, 0, 0, 0}));
}

TEST(CpuModes, IowaitThatGoesBackCountsAsNone) {
  const auto modes = cpu_modes({0, 0, 0, 0, 50, 0, 0, 0}, {50, 0, 0, 50, 40, 0, 0, 0});
  ASSERT_TRUE(modes);
  EXPECT_DOUBLE_EQ(modes->iowait, 0);
  EXPECT_DOUBLE_EQ(modes->user, 50);
}

TEST(Meminfo, ReadsBytes) {
  const auto memory = parse_meminfo(
      "MemTotal: 100 kB\nMemFree: 10 kB\nMemAvailable: 40 kB\nCached: 20 kB\nSwapTotal: 8 kB\n"
      "SwapFree: 6 kB\nHugePages_Total:       0\n");
  ASSERT_TRUE(memory) << memory.error().message;
  EXPECT_EQ(*memory, (MemoryReading{102'400, 40'960, 20'480, 8'192, 2'048}));
}

TEST(Meminfo, OldKernelsHaveNoMemAvailable) {
  const auto memory =
      parse_meminfo("MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\n");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->available, 35U * 1024);
  EXPECT_EQ(memory->swap_used, std::nullopt);
}

TEST(Meminfo, RefusesWhatIsNotOne) {
  for (const char* text : {"", "MemTotal: x kB\n", "MemFree: 1 kB\n", "MemTotal: 0 kB\n"}) {
    EXPECT_FALSE(parse_meminfo(text)) << text;
  }
}

TEST(PressureFile, WithAndWithoutFull) {
  const auto both = parse_pressure(test::pressure_text);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->averages, (Pressure{{1.5, 1.25, 1}, PressureLine{0.5, 0.25, 0.1}}));
  EXPECT_EQ(both->totals, (StallTotals{7'753'578, 100}));
  const auto some = parse_pressure("some avg10=0.47 avg60=0.49 avg300=0.46 total=7753578\n");
  ASSERT_TRUE(some);
  EXPECT_EQ(some->averages.full, std::nullopt);
  EXPECT_EQ(some->totals.full, std::nullopt);
  EXPECT_FALSE(parse_pressure(""));
  EXPECT_FALSE(parse_pressure("some avg10=x avg60=0 avg300=0\n"));
}

TEST(Loadavg, ThreeNumbers) {
  const auto load = parse_loadavg("1.25 0.75 0.50 2/345 6789\n");
  ASSERT_TRUE(load);
  EXPECT_EQ(load->load15, 0.5);
  EXPECT_FALSE(parse_loadavg("1.25 0.75\n"));
  EXPECT_FALSE(parse_loadavg("1.25 -0.75 0.50\n"));
  EXPECT_FALSE(parse_loadavg("1.25 inf 0.50\n"));
}

bool any(const std::string&) { return true; }

TEST(Diskstats, ReadsWhatItIsWanted) {
  const auto disks = parse_diskstats(
      " 254 0 vda 10 1 20 3 40 5 60 7 8 90 11 0 0\n 7 0 loop0 1 1 1 1 1 1 1 1 1 1 1\nbroken\n",
      [](const std::string& name) { return name != "loop0"; });
  EXPECT_THAT(disks, ElementsAre(DiskCounters{"vda", {10, 1, 20, 3, 40, 5, 60, 7, 8, 90, 11}}));
  EXPECT_EQ(disks[0].figures[disk_figure::sectors_written], 60U);
  EXPECT_EQ(disks[0].figures[disk_figure::busy_ms], 90U);
}

TEST(Diskstats, AShortLineIsNone) {
  EXPECT_TRUE(parse_diskstats(" 254 1 vda1 10 1 20 3\n", any).empty());
}

TEST(Diskstats, OnlyRealDisksCount) {
  for (const char* name : {"vda", "nvme0n1", "sdb", "xvda"}) EXPECT_TRUE(is_real_disk_name(name));
  for (const char* name : {"loop0", "ram1", "dm-0", "md127", "sr0", "zram0"}) {
    EXPECT_FALSE(is_real_disk_name(name)) << name;
  }
}

TEST(NetDev, ReadsBothDirections) {
  const auto nics = parse_net_dev(test::net_dev("eth0", 1000, 2000), any);
  ASSERT_EQ(nics.size(), 2U);
  EXPECT_EQ(nics[1].name, "eth0");
  EXPECT_EQ(nics[1].figures[nic_figure::rx_bytes], 1000U);
  EXPECT_EQ(nics[1].figures[nic_figure::rx_dropped], 3U);
  EXPECT_EQ(nics[1].figures[nic_figure::tx_bytes], 2000U);
  EXPECT_EQ(nics[1].figures[nic_figure::tx_dropped], 7U);
  EXPECT_TRUE(parse_net_dev("", any).empty());
  // Old kernels leave no space behind the colon, and an alias has one in its name.
  EXPECT_EQ(parse_net_dev("eth0:1:5 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0\n", any).at(0).name, "eth0:1");
}

TEST(NetDev, InnerInterfacesAreKnownByName) {
  for (const char* name : {"lo", "docker0", "br-5ca1ab1e", "veth12", "virbr0"}) {
    EXPECT_TRUE(is_inner_nic(name)) << name;
  }
  for (const char* name : {"eth0", "enp3s0", "wlan0", "bond0", "lowpan0"}) {
    EXPECT_FALSE(is_inner_nic(name)) << name;
  }
}

TEST(Route, TheLowestMetricWins) {
  const std::string header = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU W I\n";
  EXPECT_EQ(parse_default_nic(header + "wlan0 00000000 1 3 0 0 600 00000000 0 0 0\n"
                                       "eth0 00000000 1 3 0 0 100 00000000 0 0 0\n"
                                       "eth1 0000A8C0 0 1 0 0 0 00FFFFFF 0 0 0\n"),
            "eth0");
  EXPECT_EQ(parse_default_nic(header), "");
}

}  // namespace
}  // namespace plimsoll
