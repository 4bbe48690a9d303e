#include "inventory/agent_credentials.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(AgentCredentials, ARowsSchemeWinsOverTheFleets) {
  AgentCredentials credentials;
  Host host;
  host.address = "10.0.0.2";
  host.port = 6000;
  EXPECT_EQ(credentials.target_of(host).str(), "10.0.0.2:6000");
  EXPECT_FALSE(credentials.target_of(host).tls);
  credentials.tls = true;
  EXPECT_TRUE(credentials.target_of(host).tls);
  host.tls = false;
  EXPECT_FALSE(credentials.target_of(host).tls);
}

TEST(AgentCredentials, SignOnlyWhereThereIsAToken) {
  HttpRequest request;
  AgentCredentials{}.sign(request);
  AgentCredentials::with_token("").sign(request);
  EXPECT_TRUE(request.headers.empty());
  AgentCredentials::with_token("s3cret").sign(request);
  EXPECT_EQ(header(request.headers, "Authorization"), "Bearer s3cret");
}

}  // namespace
}  // namespace plimsoll
