#include "agent/lean_memory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace plimsoll {
namespace {

/// Of this process. Unit: KiB.
long resident_of_files() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
  }
  return 0;
}

/// A constant that can only be read from the file once its page was dropped.
constexpr const char* remembered = "what the program knows it still knows";

TEST(LeanMemory, CodeIsDroppedAndComesBack) {
  const long before = resident_of_files();
  drop_startup_memory();
  EXPECT_LT(resident_of_files(), before);
  EXPECT_EQ(std::string{remembered}.substr(0, 4), "what");
}

}  // namespace
}  // namespace plimsoll
