#include "inventory/file_watch.h"

#include <gtest/gtest.h>

#include <fstream>

#include "runtime/deadline.h"
#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

class FileWatchTest : public testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream{file_} << text; }

  /// What wait() gives when `act` is done after it began.
  template <class Act>
  bool change_seen(Act act) {
    FileWatch watch{context_.get_executor(), file_};
    asio::steady_timer soon{context_, Duration{5}};
    soon.async_wait([&](auto) { act(); });
    return run_task(context_, watch.wait());
  }

  asio::io_context context_;
  TempDir dir_;
  std::filesystem::path file_ = dir_.path() / "some.toml";
};

TEST_F(FileWatchTest, SeesAWrite) {
  write("a");
  EXPECT_TRUE(change_seen([&] { write("b"); }));
}

TEST_F(FileWatchTest, SeesAReplacement) {
  write("a");
  EXPECT_TRUE(change_seen([&] {
    std::ofstream{dir_.path() / "new"} << "b";
    std::filesystem::rename(dir_.path() / "new", file_);
  }));
}

TEST_F(FileWatchTest, SeesTheFileComeAndGo) {
  EXPECT_TRUE(change_seen([&] { write("a"); }));
  EXPECT_TRUE(change_seen([&] { std::filesystem::remove(file_); }));
}

/// As Kubernetes and stow do: the name leads elsewhere, in a folder that is not watched.
TEST_F(FileWatchTest, SeesALinkThatLeadsElsewhere) {
  const auto other = dir_.path() / "other";
  std::filesystem::create_directory(other);
  std::ofstream{other / "one"} << "a";
  std::filesystem::create_symlink(other / "one", file_);
  EXPECT_TRUE(change_seen([&] { std::ofstream{other / "one"} << "bb"; }));
}

TEST_F(FileWatchTest, EndsWhenCancelled) {
  asio::cancellation_signal cancel;
  std::optional<bool> changed;
  FileWatch watch{context_.get_executor(), file_};
  asio::co_spawn(context_, watch.wait(),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&](const std::exception_ptr&, bool c) { changed = c; }));
  asio::post(context_, [&] { cancel.emit(asio::cancellation_type::terminal); });
  context_.run_for(std::chrono::seconds{30});
  EXPECT_EQ(changed, false);
}

}  // namespace
}  // namespace plimsoll
