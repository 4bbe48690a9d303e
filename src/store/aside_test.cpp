#include "store/aside.h"

#include <gtest/gtest.h>

#include <thread>

#include "support/run_task.h"

namespace plimsoll {
namespace {

struct Seen {
  std::size_t bytes = 0;
  std::thread::id thread;
};

Seen read_of(std::size_t bytes) {
  asio::io_context context;
  asio::thread_pool pool{1};
  const auto read = [](const std::string& text) {
    return Seen{text.size(), std::this_thread::get_id()};
  };
  return run_task(context, read_aside(&pool, std::string(bytes, 'x'), read));
}

TEST(ReadAside, AShortTextIsReadAtOnce) {
  const Seen seen = read_of(10);
  EXPECT_EQ(seen.bytes, 10U);
  EXPECT_EQ(seen.thread, std::this_thread::get_id());
}

TEST(ReadAside, ALongTextIsReadBesideTheLoop) {
  const Seen seen = read_of(read_at_once_max + 1);
  EXPECT_EQ(seen.bytes, read_at_once_max + 1);
  EXPECT_NE(seen.thread, std::this_thread::get_id());
}

}  // namespace
}  // namespace plimsoll
