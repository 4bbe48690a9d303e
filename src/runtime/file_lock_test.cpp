#include "runtime/file_lock.h"

#include <gtest/gtest.h>

#include <optional>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

TEST(FileLock, OneHolderAtATime) {
  const TempDir dir;
  const auto file = dir.path() / "lock";
  std::optional<FileLock> first{FileLock::try_lock(file).value()};
  EXPECT_EQ(FileLock::try_lock(file).error().code, Errc::conflict);
  first.reset();
  EXPECT_TRUE(FileLock::try_lock(file));
  EXPECT_EQ(FileLock::try_lock("/nonexistent/lock").error().code, Errc::io);
}

}  // namespace
}  // namespace plimsoll
