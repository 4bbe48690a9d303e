#include "inventory/host_list_diff.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

Host host(const char* name, std::uint16_t port = 5002) {
  Host made;
  made.name = HostId{name};
  made.address = name;
  made.port = port;
  return made;
}

TEST(HostListDiff, NamesOnlyWhatDiffers) {
  const HostList before{host("a"), host("b"), host("c"), host("d")};
  const HostList after{host("e"), host("d"), host("b", 6000), host("a")};
  const HostListDiff expected{{host("e")}, {host("c")}, {host("b", 6000)}};
  EXPECT_EQ(diff(before, after), expected);
}

TEST(HostListDiff, OrderSaysNothing) {
  EXPECT_TRUE(diff({host("a"), host("b")}, {host("b"), host("a")}).empty());
  EXPECT_TRUE(diff({}, {}).empty());
}

TEST(HostListDiff, SeesAChangedLabel) {
  auto labelled = host("a");
  labelled.labels["zone"] = "eu";
  EXPECT_EQ(diff({host("a")}, {labelled}).changed, HostList{labelled});
}

}  // namespace
}  // namespace plimsoll
