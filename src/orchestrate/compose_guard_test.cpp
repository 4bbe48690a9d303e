#include "orchestrate/compose_guard.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

ContainerSummary summary(const std::string& name, const std::string& state,
                         const std::string& service = {}) {
  ContainerSummary container;
  container.id = name;
  container.name = name;
  container.state = state;
  if (service.empty()) return container;
  container.labels = {{"com.docker.compose.project", "shop"},
                      {"com.docker.compose.service", service},
                      {"com.docker.compose.container-number", "1"}};
  return container;
}

TEST(ComposeGuard, ARetiredContainerThatRunsIsATwin) {
  const auto twins =
      find_twins({summary("web--retired-m1", "running"), summary("db--retired-m1", "exited", "db"),
                  summary("other", "running")});
  ASSERT_EQ(twins.size(), 1U);
  EXPECT_EQ(twins[0].running, "web--retired-m1");
  EXPECT_EQ(twins[0].retired, "web--retired-m1");
}

TEST(ComposeGuard, AnotherOfTheSameServiceAndNumberIsATwin) {
  const auto twins = find_twins({summary("shop_db_1", "running", "db"),
                                 summary("shop_db_1--retired-m1", "exited", "db"),
                                 summary("shop_web_1", "running", "web")});
  ASSERT_EQ(twins.size(), 1U);
  EXPECT_EQ(twins[0].running, "shop_db_1");
  EXPECT_EQ(twins[0].retired, "shop_db_1--retired-m1");
}

TEST(ComposeGuard, WhatStandsStillIsNone) {
  EXPECT_TRUE(find_twins({summary("shop_db_1", "exited", "db"),
                          summary("shop_db_1--retired-m1", "exited", "db")})
                  .empty());
  // Plain containers have no identity to share.
  EXPECT_TRUE(find_twins({summary("a", "running"), summary("b--retired-m1", "exited")}).empty());
}

}  // namespace
}  // namespace plimsoll
