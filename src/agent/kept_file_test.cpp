#include "agent/kept_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "support/fake_tree.h"

namespace plimsoll {
namespace {

using test::FakeTree;

std::string text_of(KeptFile& file) {
  ReadBuffer buffer;
  return std::string{file.read(buffer).value_or("unreadable")};
}

TEST(KeptFile, ReadsFromTheStartEachTime) {
  const FakeTree tree{{"x", "first\n"}};
  OpenFiles open_files{1};
  KeptFile file{tree.root() / "x", open_files};
  EXPECT_EQ(text_of(file), "first\n");
  tree.write("x", "2\n");
  EXPECT_EQ(text_of(file), "2\n");
}

TEST(KeptFile, StaysOpenAsLongAsADescriptorIsLeft) {
  const FakeTree tree{{"x", "x"}, {"y", "y"}};
  OpenFiles open_files{1};
  KeptFile kept{tree.root() / "x", open_files};
  KeptFile opened_each_time{tree.root() / "y", open_files};
  EXPECT_EQ(text_of(kept), "x");
  EXPECT_EQ(text_of(opened_each_time), "y");
  tree.remove("x");
  tree.remove("y");
  EXPECT_EQ(text_of(kept), "x");
  EXPECT_EQ(text_of(opened_each_time), "unreadable");
}

TEST(KeptFile, AClosedOneGivesItsDescriptorBackAndLooksForThePathAnew) {
  const FakeTree tree{{"x", "old"}};
  OpenFiles open_files{1};
  KeptFile file{tree.root() / "x", open_files};
  EXPECT_EQ(text_of(file), "old");
  EXPECT_FALSE(open_files.take());
  tree.remove("x");
  tree.write("x", "new");
  file.close();
  EXPECT_EQ(text_of(file), "new");
  file = KeptFile{};
  EXPECT_TRUE(open_files.take());
  EXPECT_EQ(text_of(file), "unreadable");
}

TEST(KeptFile, LongFilesComeWhole) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\n";
  const FakeTree tree{{"x", text}};
  OpenFiles open_files{1};
  KeptFile file{tree.root() / "x", open_files};
  EXPECT_EQ(text_of(file), text);
}

TEST(KeptFile, OneWithoutAnEndIsCut) {
  OpenFiles open_files{1};
  KeptFile zeros{"/dev/zero", open_files};
  ReadBuffer buffer;
  EXPECT_EQ(zeros.read(buffer).value().size(), 4U << 20);
}

TEST(KeptFile, AFifoHoldsNobodyUp) {
  const FakeTree tree{{"dir/x", ""}};
  const std::string path = tree.root() / "dir" / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  OpenFiles open_files{1};
  KeptFile fifo{path, open_files};
  const std::string text = text_of(fifo);
  EXPECT_TRUE(text.empty() || text == "unreadable") << text;
}

/// A process that lives until it is told to end.
class Child {
 public:
  Child() : pid_(::fork()) {
    if (pid_ != 0) return;
    for (;;) ::pause();
  }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

/// The descriptor of a process's file outlives the process; reading it then fails.
TEST(KeptFile, WhatIsGoneIsNoticedAndSearchedAgain) {
  Child child;
  ASSERT_GT(child.pid(), 0);
  const FakeTree tree{};
  const auto place = tree.root() / "stat";
  std::filesystem::create_symlink("/proc/" + std::to_string(child.pid()) + "/stat", place);
  OpenFiles open_files{1};
  KeptFile file{place, open_files};
  EXPECT_NE(text_of(file), "unreadable");
  EXPECT_FALSE(open_files.take());
  child.end();
  EXPECT_EQ(text_of(file), "unreadable");
  EXPECT_TRUE(open_files.take());
  open_files.give_back();
  EXPECT_EQ(text_of(file), "unreadable");
  std::filesystem::remove(place);
  tree.write("stat", "another");
  EXPECT_EQ(text_of(file), "another");
}

}  // namespace
}  // namespace plimsoll
