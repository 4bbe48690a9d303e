#include "hand/trust.h"

#include <gtest/gtest.h>

#include "runtime/files.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

constexpr const char* key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGabcdefghijklmnop";

TEST(Trust, KnownHostsHasTheDestinationAndNobodyElse) {
  const TempDir dir;
  HandContext context;
  context.order = {MoveId{"abcdefabcdef"}, 1, "aaaaaaaaaaaaaaaa", false};
  context.run = dir.path() / "run";
  const auto spec = parse_trust_spec(json::value{{"alias", "h2"}, {"host_keys", {key}}});
  ASSERT_TRUE(spec) << spec.error().message;
  ASSERT_TRUE(keep_trust(context, *spec));
  EXPECT_EQ(read_file(context.move_folder() / "known_hosts").value(),
            std::string{"h2 "} + key + "\n");
}

TEST(Trust, WhatIsNoKeyIsRefused) {
  for (const char* text :
       {"{}", R"({"alias":"h2","host_keys":[]})", R"({"alias":"a b","host_keys":["x"]})",
        R"({"alias":"h2","host_keys":["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\n* ssh-rsa AAAA"]})",
        R"({"alias":"h2","host_keys":["@cert-authority * ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAA"]})",
        R"({"alias":"h2","host_keys":[7]})"}) {
    EXPECT_FALSE(parse_trust_spec(parse_json(text, "test").value())) << text;
  }
}

}  // namespace
}  // namespace plimsoll
