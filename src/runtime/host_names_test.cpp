#include "runtime/host_names.h"

#include <gtest/gtest.h>

#include "support/run_task.h"

namespace plimsoll {
namespace {

/// Answers for one name and holds all others.
class HangingLookup final : public NameLookup {
 public:
  void look_up(std::string name, Done done) override {
    if (name == "known") {
      done(ResolvedName{{asio::ip::address_v6::loopback()}, Duration{0}});
    } else if (name == "missing") {
      done(Error{Errc::not_found, "there is no such name"});
    } else {
      held.push_back(std::move(done));
    }
  }
  std::vector<Done> held;
};

struct HostNamesTest : testing::Test {
  HostNamesTest() { use_name_lookup(context, lookup); }
  auto resolve(const std::string& name, Duration limit = Duration{20'000}) {
    return run_task(context, resolve_host(name, limit, under_way));
  }
  asio::io_context context;
  std::shared_ptr<HangingLookup> lookup = std::make_shared<HangingLookup>();
  std::shared_ptr<std::size_t> under_way = std::make_shared<std::size_t>(0);
};

TEST_F(HostNamesTest, AnAddressIsItsOwn) {
  EXPECT_EQ(resolve("10.0.0.1")->at(0).to_string(), "10.0.0.1");
  EXPECT_EQ(resolve("fe80::1")->at(0).to_string(), "fe80::1");
}

TEST_F(HostNamesTest, SaysWhichNameThereIsNot) {
  const auto missing = resolve("missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::unreachable);
  EXPECT_NE(missing.error().message.find("'missing'"), std::string::npos);
  EXPECT_EQ(*under_way, 0U);
}

TEST_F(HostNamesTest, OneThatHangsIsLeftBehindAndHoldsUpNoOther) {
  EXPECT_EQ(resolve("slow", Duration{5}).error().code, Errc::timeout);
  EXPECT_EQ(*under_way, 1U);
  EXPECT_EQ(resolve("known")->at(0), asio::ip::address_v6::loopback());
  lookup->held.at(0)(Error{Errc::timeout, "no answer"});
  context.restart();
  context.run();
  EXPECT_EQ(*under_way, 0U);
}

TEST(HostNames, TheSystemKnowsThisMachine) {
  asio::io_context context;
  const auto found = run_task(context, resolve_host("localhost", Duration{20'000}));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->at(0).is_loopback());
}

}  // namespace
}  // namespace plimsoll
