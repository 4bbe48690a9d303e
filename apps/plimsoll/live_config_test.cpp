#include "live_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

class LiveConfigTest : public testing::Test {
 protected:
  LiveConfigTest() { write("[monitor]\ninterval = \"5s\"\n"); }

  void write(const std::string& text) {
    const auto fresh = folder_.path() / "fresh";
    std::ofstream{fresh} << text;
    std::filesystem::rename(fresh, file_);
  }
  [[nodiscard]] Result<Config> load(const std::filesystem::path& file) const {
    ConfigSource source;
    if (!file.empty()) source.file = file;
    source.environment = [](const std::string&) { return std::nullopt; };
    return load_config(source);
  }
  static KeyUse use_of(std::string_view key) {
    if (key == "monitor.interval") return KeyUse::live;
    return key.starts_with("store.") ? KeyUse::restart : KeyUse::none;
  }
  void follow() {
    LiveConfig::Parts parts;
    parts.running = *load(file_);
    parts.load = [this](const std::filesystem::path& file) {
      ++loads_;
      return load(file);
    };
    parts.use = use_of;
    parts.apply = [this](const Config& config) { applied_.push_back(config.monitor.interval); };
    live_ = std::make_unique<LiveConfig>(context_.get_executor(), std::move(parts));
    context_.poll();
  }
  /// What the log says of the file as it is now, read because of a signal.
  std::string reload() {
    testing::internal::CaptureStderr();
    std::raise(SIGHUP);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    const auto read = loads_;
    const auto applied = applied_.size();
    context_.run_one_for(std::chrono::seconds{30});
    while (loads_ == read && applied == applied_.size() && !stuck_ &&
           std::chrono::steady_clock::now() < limit) {
      context_.run_one_for(std::chrono::milliseconds{20});
    }
    context_.poll();
    return testing::internal::GetCapturedStderr();
  }

  TempDir folder_;
  std::filesystem::path file_ = folder_.path() / "plimsoll.toml";
  asio::io_context context_;
  std::unique_ptr<LiveConfig> live_;
  std::vector<Duration> applied_;
  int loads_ = 0;
  bool stuck_ = false;  // nothing is to be loaded
};

TEST_F(LiveConfigTest, AHangupTakesOverWhatCanChange) {
  follow();
  write("[monitor]\ninterval = \"7s\"\n");
  EXPECT_THAT(reload(), HasSubstr("taken over: monitor.interval"));
  EXPECT_THAT(applied_, testing::ElementsAre(Duration{7'000}));
}

TEST_F(LiveConfigTest, AHangupReadsAFileThatDidNotChange) {
  follow();
  EXPECT_THAT(reload(), HasSubstr("SIGHUP: reading the configuration again"));
  EXPECT_EQ(loads_, 1);
  EXPECT_TRUE(applied_.empty());
}

TEST_F(LiveConfigTest, AFileThatIsGoneOrEmptyChangesNothing) {
  follow();
  stuck_ = true;
  for (const bool gone : {true, false}) {
    gone ? void(std::filesystem::remove(file_)) : write(" \n");
    const auto log = reload();
    EXPECT_THAT(log, HasSubstr("plimsoll.toml"));
    EXPECT_THAT(log, HasSubstr("the settings of before stay in force"));
  }
  EXPECT_TRUE(applied_.empty());
  EXPECT_EQ(loads_, 0);
  stuck_ = false;
  write("[monitor]\ninterval = \"6s\"\n");
  reload();
  EXPECT_THAT(applied_, testing::ElementsAre(Duration{6'000}));
}

TEST_F(LiveConfigTest, WhatWaitsForARestartIsNotForgotten) {
  follow();
  write("[store]\ndatabase = \"other\"\n[monitor]\ninterval = \"5s\"\n");
  EXPECT_THAT(reload(), HasSubstr("needs a restart: store.database"));
  write("[store]\ndatabase = \"other\"\n[monitor]\ninterval = \"6s\"\n");
  const auto log = reload();
  EXPECT_THAT(log, HasSubstr("taken over: monitor.interval"));
  EXPECT_THAT(log, HasSubstr("needs a restart: store.database"));
  write("[monitor]\ninterval = \"6s\"\n");
  EXPECT_THAT(reload(), Not(HasSubstr("needs a restart:")));
}

}  // namespace
}  // namespace plimsoll
