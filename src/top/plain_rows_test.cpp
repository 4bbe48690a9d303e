#include "top/plain_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/top_fleet.h"

namespace plimsoll {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PlainRows, LookAsTheyShould) {
  const TopData data = test::top_sample();
  const auto hosts = ordered_hosts(data.view, {}, TextFilter{});
  const auto containers = ordered_containers(data.view, hosts, {SortKey::cpu}, TextFilter{});
  const std::string rows = render_plain(data, hosts, containers);
  EXPECT_EQ(rows, test::golden_for("top/plain.txt", rows));
  EXPECT_THAT(rows, Not(HasSubstr("\x1b")));
  EXPECT_THAT(rows, Not(HasSubstr("\u009b")));
}

TEST(PlainRows, ThePastSaysItsDay) {
  TopData data = test::top_sample();
  data.live = false;
  EXPECT_THAT(render_plain(data, {}, {}), HasSubstr("2026-11-22 12:00:05 UTC"));
}

TEST(PlainTable, ColumnsFitTheirWidestCell) {
  PlainTable table{{{"NAME"}, {"N", true}, {"END"}}};
  table.add({"数据", "5", "x y"});
  table.add({"", "1000", ""});
  EXPECT_EQ(table.render(), "NAME     N  END\n数据     5  x y\n-     1000  -\n");
}

}  // namespace
}  // namespace plimsoll
