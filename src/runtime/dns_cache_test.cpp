#include "runtime/dns_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "support/run_task.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;

/// Answers when the test says so.
class FakeLookup final : public NameLookup {
 public:
  void look_up(std::string name, Done done) override {
    asked.push_back(name);
    waiting[name] = std::move(done);
  }
  void answer(const std::string& name, const std::string& address, Duration ttl) {
    ResolvedName found{{asio::ip::make_address(address)}, ttl};
    waiting.at(name)(std::move(found));
  }
  void fail(const std::string& name, Errc code) { waiting.at(name)(Error{code, "no"}); }

  std::vector<std::string> asked;
  std::map<std::string, Done> waiting;
};

class DnsCacheTest : public testing::Test {
 protected:
  void pass(Duration time) { now_ += time; }
  Result<HttpAddresses> resolve(const std::string& name, Duration limit = Duration{1}) {
    return run_task(context_, cache_.resolve(name, limit));
  }
  std::string known(const std::string& name) {
    const auto addresses = cache_.known(name);
    return addresses ? addresses->front().to_string() : "";
  }
  void run() {
    context_.restart();
    context_.run();
  }
  void learn(const std::string& name, const std::string& address, Duration ttl) {
    EXPECT_FALSE(resolve(name));
    lookup_->answer(name, address, ttl);
    run();
  }

  asio::io_context context_;
  std::shared_ptr<FakeLookup> lookup_ = std::make_shared<FakeLookup>();
  DnsCache::Clock::time_point now_{std::chrono::hours{1}};
  DnsCache cache_{context_.get_executor(), lookup_, {}, [this] { return now_; }};
};

TEST_F(DnsCacheTest, AnAddressIsItself) {
  EXPECT_EQ(resolve("10.1.2.3").value()->front().to_string(), "10.1.2.3");
  EXPECT_EQ(resolve("fe80::1").value()->front().to_string(), "fe80::1");
  EXPECT_TRUE(lookup_->asked.empty());
}

TEST_F(DnsCacheTest, WhoWaitsIsWokenByTheAnswer) {
  asio::post(context_, [this] {
    asio::post(context_, [this] { lookup_->answer("a.example", "10.0.0.1", Duration{60'000}); });
  });
  const auto found = resolve("a.example", Duration{30'000});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ((*found)->front().to_string(), "10.0.0.1");
}

TEST_F(DnsCacheTest, ASlowNameEndsWithTheLimitAndHoldsUpNoOther) {
  const auto slow = resolve("slow.example");
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, Errc::timeout);
  EXPECT_THAT(slow.error().message, HasSubstr("slow.example"));
  learn("fast.example", "10.0.0.2", Duration{60'000});
  EXPECT_EQ(known("fast.example"), "10.0.0.2");
  EXPECT_FALSE(resolve("slow.example"));
  EXPECT_EQ(lookup_->asked.size(), 2U) << "a lookup under way is not doubled";
}

TEST_F(DnsCacheTest, IsAskedAgainWhenItsTimeIsOverAndServesTheOldMeanwhile) {
  learn("a.example", "10.0.0.1", Duration{30'000});
  pass(Duration{29'999});
  EXPECT_EQ(known("a.example"), "10.0.0.1");
  EXPECT_EQ(lookup_->asked.size(), 1U);
  pass(Duration{1});
  EXPECT_EQ(known("a.example"), "10.0.0.1");
  EXPECT_EQ(lookup_->asked.size(), 2U);
  lookup_->answer("a.example", "10.0.0.9", Duration{30'000});
  run();
  EXPECT_EQ(known("a.example"), "10.0.0.9");
}

TEST_F(DnsCacheTest, TheSameAnswerIsTheSameList) {
  learn("a.example", "10.0.0.1", Duration{0});
  const auto before = cache_.known("a.example");
  pass(Duration{5'000});
  EXPECT_EQ(cache_.known("a.example"), before);
  lookup_->answer("a.example", "10.0.0.1", Duration{0});
  run();
  EXPECT_EQ(cache_.known("a.example"), before);
}

TEST_F(DnsCacheTest, TheTimeToLiveIsBoundedBothWays) {
  learn("short.example", "10.0.0.1", Duration{0});
  learn("long.example", "10.0.0.2", std::chrono::hours{24});
  pass(Duration{4'999});
  EXPECT_EQ(known("short.example"), "10.0.0.1");
  EXPECT_EQ(lookup_->asked.size(), 2U);
  pass(Duration{1});
  EXPECT_EQ(known("short.example"), "10.0.0.1");
  EXPECT_EQ(lookup_->asked.size(), 3U);
  pass(std::chrono::minutes{5});
  EXPECT_EQ(known("long.example"), "10.0.0.2");
  EXPECT_EQ(lookup_->asked.back(), "long.example");
}

TEST_F(DnsCacheTest, ASilentNameServiceChangesNothing) {
  learn("a.example", "10.0.0.1", Duration{5'000});
  for (int i = 0; i < 3; ++i) {
    pass(Duration{5'000});
    EXPECT_EQ(known("a.example"), "10.0.0.1");
    lookup_->fail("a.example", Errc::timeout);
    run();
  }
  EXPECT_EQ(known("a.example"), "10.0.0.1");
  EXPECT_EQ(cache_.counters().failures, 3U);
}

TEST_F(DnsCacheTest, ANameThatIsGoneIsUsedNoMore) {
  learn("a.example", "10.0.0.1", Duration{5'000});
  pass(Duration{5'000});
  EXPECT_EQ(known("a.example"), "10.0.0.1");
  lookup_->fail("a.example", Errc::not_found);
  run();
  EXPECT_EQ(known("a.example"), "");
  const auto gone = resolve("a.example");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::not_found);
}

TEST_F(DnsCacheTest, AFailureIsRememberedForAWhile) {
  EXPECT_FALSE(resolve("a.example"));
  lookup_->fail("a.example", Errc::unreachable);
  run();
  EXPECT_EQ(resolve("a.example").error().code, Errc::unreachable);
  EXPECT_EQ(lookup_->asked.size(), 1U);
  pass(Duration{5'000});
  EXPECT_FALSE(resolve("a.example"));
  EXPECT_EQ(lookup_->asked.size(), 2U);
}

TEST_F(DnsCacheTest, ADistrustedAddressIsAskedForSoon) {
  learn("a.example", "10.0.0.1", std::chrono::minutes{4});
  cache_.distrust("a.example");
  EXPECT_EQ(known("a.example"), "10.0.0.1");
  EXPECT_EQ(lookup_->asked.size(), 1U) << "it was asked for just now";
  pass(Duration{5'000});
  EXPECT_EQ(known("a.example"), "10.0.0.1");
  EXPECT_EQ(lookup_->asked.size(), 2U);
}

TEST_F(DnsCacheTest, WhatNobodyUsesIsForgotten) {
  learn("old.example", "10.0.0.1", Duration{5'000});
  pass(std::chrono::hours{2});
  learn("new.example", "10.0.0.2", Duration{5'000});
  EXPECT_EQ(cache_.counters().names, 1U);
}

TEST_F(DnsCacheTest, AnAnswerAfterItsEndIsIgnored) {
  {
    DnsCache gone{context_.get_executor(), lookup_};
    EXPECT_EQ(gone.known("x.example"), nullptr);
    EXPECT_FALSE(run_task(context_, gone.resolve("x.example", Duration{1})));
  }
  lookup_->answer("x.example", "10.0.0.1", Duration{5'000});
  run();
}

}  // namespace
}  // namespace plimsoll
