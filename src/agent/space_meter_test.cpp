#include "agent/space_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

/// File systems of which some hold whoever asks, until they are let go.
class FakeFilesystems {
 public:
  void hang(const std::string& path) {
    const std::scoped_lock lock{mutex_};
    hung_.insert(path);
  }
  void let_go(const std::string& path) {
    const std::scoped_lock lock{mutex_};
    hung_.erase(path);
    changed_.notify_all();
  }
  std::optional<Space> ask(const std::string& path) {
    std::unique_lock lock{mutex_};
    ++inside_;
    most_inside_ = std::max(most_inside_, inside_);
    ++asked_[path];
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hung_.contains(path); });
    --inside_;
    changed_.notify_all();
    if (path == "/gone") return std::nullopt;
    return Space{100, 40, 50, 10, 5};
  }
  int asked(const std::string& path) {
    const std::scoped_lock lock{mutex_};
    return asked_[path];
  }
  bool comes_to_hold(int threads) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 10s, [&] { return inside_ == threads; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> hung_;
  std::map<std::string, int> asked_;
  int inside_ = 0;
  int most_inside_ = 0;
};

struct SpaceMeterTest : ::testing::Test {
  /// Shared with threads that may outlive the test's meter.
  std::shared_ptr<FakeFilesystems> filesystems = std::make_shared<FakeFilesystems>();
  SpaceMeter meter{[all = filesystems](const std::string& path) { return all->ask(path); }, 20ms};

  static SpaceQuestion local(const std::string& path) { return {"1:0 " + path, path, false}; }
  static SpaceQuestion remote(const std::string& path) { return {"0:1 " + path, path, true}; }
  template <class Wanted>
  bool asks_until(const std::vector<SpaceQuestion>& questions, Wanted wanted) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < give_up) {
      const auto answers = meter.ask(questions, 1ms);
      if (wanted(answers)) return true;
      std::this_thread::yield();
    }
    return false;
  }
  /// Asks until the answers are those of `keys`.
  bool comes_to(const std::vector<SpaceQuestion>& questions, const std::set<std::string>& keys) {
    return asks_until(questions, [&](const std::map<std::string, Space>& answers) {
      std::set<std::string> answered;
      for (const auto& [key, space] : answers) answered.insert(key);
      return answered == keys;
    });
  }
  bool comes_to_hang(const std::vector<SpaceQuestion>& questions,
                     const std::set<std::string>& paths) {
    return asks_until(questions, [&](const auto&) {
      const auto hanging = meter.hanging();
      return std::set<std::string>{hanging.begin(), hanging.end()} == paths;
    });
  }
  static bool hangs_no_more(SpaceMeter& asked) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!asked.hanging().empty() && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
    }
    return asked.hanging().empty();
  }
  bool asks_again(const std::vector<SpaceQuestion>& questions, const std::string& path, int times) {
    return asks_until(questions, [&](const auto&) { return filesystems->asked(path) > times; });
  }
};

TEST_F(SpaceMeterTest, LocalOnesAreAnsweredAtOnce) {
  const auto answers = meter.ask({local("/"), local("/gone")}, 10s);
  ASSERT_THAT(answers, ElementsAre(Key("1:0 /")));
  EXPECT_EQ(answers.begin()->second.available, 50U);
  EXPECT_THAT(meter.hanging(), IsEmpty());
}

TEST_F(SpaceMeterTest, RemoteOnesAreThereByALaterRound) {
  EXPECT_TRUE(comes_to({remote("/nfs"), local("/")}, {"1:0 /", "0:1 /nfs"}));
}

TEST_F(SpaceMeterTest, OneThatHangsHoldsOneThreadAndNobodyElse) {
  const std::vector<SpaceQuestion> questions{remote("/nfs"), local("/")};
  filesystems->hang("/nfs");
  ASSERT_TRUE(comes_to_hang(questions, {"/nfs"}));
  for (int round = 0; round < 5; ++round) {
    const int asked = filesystems->asked("/");
    EXPECT_TRUE(comes_to(questions, {"1:0 /"}));
    EXPECT_TRUE(asks_again(questions, "/", asked));
    EXPECT_THAT(meter.hanging(), ElementsAre("/nfs"));
  }
  EXPECT_EQ(filesystems->asked("/nfs"), 1);
  filesystems->let_go("/nfs");
  EXPECT_TRUE(comes_to(questions, {"0:1 /nfs", "1:0 /"}));
  EXPECT_THAT(meter.hanging(), IsEmpty());
}

TEST_F(SpaceMeterTest, EvenALocalOneThatHangsIsLeftOut) {
  const std::vector<SpaceQuestion> questions{local("/broken"), local("/")};
  filesystems->hang("/broken");
  ASSERT_TRUE(comes_to_hang(questions, {"/broken"}));
  EXPECT_TRUE(comes_to(questions, {"1:0 /"}));
  filesystems->let_go("/broken");
  EXPECT_TRUE(comes_to(questions, {"1:0 /", "1:0 /broken"}));
}

/// A busy disk: its figures do not come and go.
TEST_F(SpaceMeterTest, TheLastAnswerOfALocalOneStaysForSomeRounds) {
  SpaceMeter quick{[all = filesystems](const std::string& path) { return all->ask(path); }, 0ms};
  const std::vector<SpaceQuestion> questions{local("/")};
  ASSERT_THAT(quick.ask(questions, 10s), ElementsAre(Key("1:0 /")));
  filesystems->hang("/");
  ASSERT_THAT(quick.ask(questions, 0ms), ElementsAre(Key("1:0 /")));
  ASSERT_TRUE(filesystems->comes_to_hold(1));
  int rounds = 0;
  for (; quick.ask(questions, 0ms).size() == 1 && rounds < 1'000; ++rounds) {
    EXPECT_THAT(quick.hanging(), IsEmpty());
  }
  EXPECT_EQ(rounds, SpaceMeter::rounds_kept);
  EXPECT_THAT(quick.hanging(), ElementsAre("/"));
  filesystems->let_go("/");
  ASSERT_TRUE(hangs_no_more(quick));
  EXPECT_THAT(quick.ask(questions, 10s), ElementsAre(Key("1:0 /")));
}

TEST_F(SpaceMeterTest, AnotherMountAtTheSamePlaceIsAnotherQuestion) {
  filesystems->hang("/nfs");
  ASSERT_TRUE(comes_to_hang({remote("/nfs")}, {"/nfs"}));
  filesystems->let_go("/nfs");
  EXPECT_TRUE(comes_to({{"0:2 /nfs", "/nfs", true}}, {"0:2 /nfs"}));
}

TEST_F(SpaceMeterTest, WithTooManyHangingOnlyLocalOnesAreAsked) {
  std::vector<SpaceQuestion> questions;
  std::set<std::string> paths;
  for (std::size_t i = 0; i < SpaceMeter::hanging_max; ++i) {
    questions.push_back(remote("/nfs" + std::to_string(i)));
    paths.insert(questions.back().path);
    filesystems->hang(questions.back().path);
  }
  ASSERT_TRUE(comes_to_hang(questions, paths));
  questions.push_back(remote("/one_more"));
  questions.push_back(local("/"));
  EXPECT_TRUE(comes_to(questions, {"1:0 /"}));
  EXPECT_TRUE(asks_again(questions, "/", filesystems->asked("/")));
  EXPECT_EQ(filesystems->asked("/one_more"), 0);
  for (const auto& question : questions) filesystems->let_go(question.path);
  EXPECT_TRUE(filesystems->comes_to_hold(0));
}

TEST_F(SpaceMeterTest, WhatIsNoLongerAskedForIsForgotten) {
  EXPECT_THAT(meter.ask({local("/"), local("/data")}, 10s),
              UnorderedElementsAre(Key("1:0 /"), Key("1:0 /data")));
  EXPECT_THAT(meter.ask({local("/")}, 10s), ElementsAre(Key("1:0 /")));
}

/// The destructor must not wait for the thread; the thread must not touch what is gone.
TEST(SpaceMeter, MayGoWhileAThreadHangs) {
  const auto filesystems = std::make_shared<FakeFilesystems>();
  filesystems->hang("/nfs");
  {
    SpaceMeter meter{[filesystems](const std::string& path) { return filesystems->ask(path); }};
    static_cast<void>(meter.ask({{"k", "/nfs", true}}, 1ms));
    ASSERT_TRUE(filesystems->comes_to_hold(1));
  }
  filesystems->let_go("/nfs");
  EXPECT_TRUE(filesystems->comes_to_hold(0));
}

}  // namespace
}  // namespace plimsoll
