#include "runtime/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

TEST(Files, WhatIsWrittenIsRead) {
  const TempDir dir;
  const auto path = dir.path() / "a";
  ASSERT_TRUE(write_file_atomically(path, "one"));
  ASSERT_TRUE(write_file_atomically(path, "two", 0600));
  EXPECT_EQ(read_file(path).value(), "two");
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
}

TEST(Files, ErrorsNameTheFile) {
  const TempDir dir;
  const auto missing = read_file(dir.path() / "missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_NE(missing.error().message.find("missing"), std::string::npos);
  EXPECT_EQ(read_file(dir.path()).error().code, Errc::io);
  ASSERT_TRUE(write_file_atomically(dir.path() / "big", std::string(100, 'x')));
  EXPECT_EQ(read_file(dir.path() / "big", 99).error().code, Errc::too_large);
  EXPECT_EQ(read_file(dir.path() / "big", 100).value().size(), 100U);
}

TEST(Files, AFifoDoesNotHang) {
  const TempDir dir;
  const auto path = dir.path() / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(read_file(path).value(), "");
}

TEST(Files, SecretsAreTheFirstLine) {
  const TempDir dir;
  ASSERT_TRUE(write_file_atomically(dir.path() / "s", " hush \nmore\n"));
  EXPECT_EQ(read_secret(dir.path() / "s").value(), "hush");
  ASSERT_TRUE(write_file_atomically(dir.path() / "empty", "\n"));
  EXPECT_EQ(read_secret(dir.path() / "empty").error().code, Errc::invalid);
}

}  // namespace
}  // namespace plimsoll
