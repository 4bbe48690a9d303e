#include "runtime/name_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "runtime/system_lookup.h"
#include "support/dns_server.h"

namespace plimsoll {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class NameLookupTest : public testing::Test {
 protected:
  std::shared_ptr<NameLookup> lookup(Duration timeout = 1s, int tries = 5) {
    NameLookupConfig config;
    config.servers = "127.0.0.1:" + std::to_string(server_.port());
    config.timeout = timeout;
    config.tries = tries;
    config.ask_system = false;
    return make_name_lookup(config);
  }
  static std::future<Result<ResolvedName>> ask(NameLookup& lookup, const std::string& name) {
    auto promise = std::make_shared<std::promise<Result<ResolvedName>>>();
    auto future = promise->get_future();
    lookup.look_up(
        name, [promise](Result<ResolvedName> result) { promise->set_value(std::move(result)); });
    return future;
  }
  static Result<ResolvedName> get(std::future<Result<ResolvedName>>& future) {
    if (future.wait_for(30s) != std::future_status::ready) {
      return Error{Errc::cancelled, "the test waited for half a minute"};
    }
    return future.get();
  }

  test::DnsServer server_;
};

TEST_F(NameLookupTest, GivesAddressAndTimeToLive) {
  server_.set("a.example", {"10.1.2.3", 77});
  const auto asked = lookup();
  auto answer = ask(*asked, "a.example");
  const auto found = get(answer);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(found->addresses, ElementsAre(asio::ip::make_address("10.1.2.3")));
  EXPECT_EQ(found->ttl, 77s);
}

TEST_F(NameLookupTest, AHundredSilentNamesHoldUpNoOther) {
  server_.set("good.example", {"10.1.2.3", 60});
  server_.be_silent_for("silent");
  const auto asked = lookup();
  std::vector<std::future<Result<ResolvedName>>> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(ask(*asked, "silent" + std::to_string(i) + ".example"));
  }
  auto good = ask(*asked, "good.example");
  EXPECT_TRUE(get(good));
  EXPECT_EQ(silent.front().wait_for(0s), std::future_status::timeout);
}

TEST_F(NameLookupTest, NoSuchName) {
  const auto asked = lookup();
  auto answer = ask(*asked, "none.example");
  const auto found = get(answer);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::not_found);
}

TEST_F(NameLookupTest, ASilentServerIsATimeout) {
  server_.be_silent_for("silent");
  const auto asked = lookup(50ms, 1);
  auto answer = ask(*asked, "silent.example");
  const auto found = get(answer);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::timeout);
}

TEST_F(NameLookupTest, KnowsTheHostsFile) {
  const auto asked = lookup();
  auto answer = ask(*asked, "localhost");
  const auto found = get(answer);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->addresses.front().is_loopback());
}

/// What getaddrinfo knows without a network.
TEST(SystemLookup, KnowsTheMachineItself) {
  SystemLookup system;
  std::promise<Result<ResolvedName>> promise;
  system.look_up("localhost",
                 [&](Result<ResolvedName> result) { promise.set_value(std::move(result)); });
  auto future = promise.get_future();
  ASSERT_EQ(future.wait_for(30s), std::future_status::ready);
  const auto found = future.get();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->addresses.front().is_loopback());
}

TEST_F(NameLookupTest, ItsEndIsClean) {
  server_.be_silent_for("silent");
  auto asked = lookup();
  auto never = ask(*asked, "silent.example");
  asked.reset();
  EXPECT_THROW(static_cast<void>(never.get()), std::future_error);
}

}  // namespace
}  // namespace plimsoll
