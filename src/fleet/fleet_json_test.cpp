#include "fleet/fleet_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/sample_fleet.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(FleetJson, IsTheDocumentOfTheDesign) {
  const std::string json = test::one_member_a_line(render_fleet_json(test::sample_fleet()));
  EXPECT_EQ(json, test::golden_for("fleet/top.json", json));
}

TEST(FleetJson, AnEmptyFleetIsAnEmptyArray) {
  EXPECT_THAT(render_fleet_json(FleetView{}), HasSubstr("\"hosts\":[]"));
}

TEST(FleetJson, ASilentHostIsNullNeverZero) {
  auto view = test::sample_fleet();
  view.rows.erase(view.rows.begin(), view.rows.begin() + 2);
  const std::string json = render_fleet_json(view);
  for (const char* field : {"cpu_percent", "vm_percent", "storage_percent", "scalar", "level"}) {
    EXPECT_THAT(json, HasSubstr("\"" + std::string{field} + "\":null"));
  }
  EXPECT_THAT(json, HasSubstr("\"up\":false"));
  EXPECT_THAT(json, HasSubstr("cannot connect"));
  EXPECT_THAT(json, Not(HasSubstr("percent\":0,")));
}

}  // namespace
}  // namespace plimsoll
