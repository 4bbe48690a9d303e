#include "runtime/process_stats.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace plimsoll {
namespace {

TEST(ProcessStats, CountsOpenFiles) {
  const auto before = process_stats();
  const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto after = process_stats();
  ::close(file);
  EXPECT_EQ(after.open_files, before.open_files + 1);
  EXPECT_GT(after.open_files_max, after.open_files);
}

TEST(ProcessStats, KnowsMemoryAndTime) {
  const auto stats = process_stats();
  EXPECT_GT(stats.resident_bytes, 1U << 20);
  EXPECT_GT(stats.cpu_s, 0);
}

TEST(ProcessStats, RaisesTheSoftLimitToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{before.rlim_max / 2, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_open_files_limit(), before.rlim_max);
  EXPECT_EQ(process_stats().open_files_max, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace plimsoll
