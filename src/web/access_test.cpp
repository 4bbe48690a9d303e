#include "web/access.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

HttpRequest with(const std::string& name, const std::string& value) {
  HttpRequest request;
  request.headers.emplace_back(name, value);
  return request;
}

TEST(Access, TheTokenIsABearers) {
  EXPECT_TRUE(has_token(with("authorization", "Bearer secret"), "secret"));
  EXPECT_TRUE(has_token(with("Authorization", "bearer secret"), "secret"));
  EXPECT_FALSE(has_token(with("Authorization", "Bearer wrong"), "secret"));
  EXPECT_FALSE(has_token(with("Authorization", "Basic secret"), "secret"));
  EXPECT_FALSE(has_token(with("Authorization", "secret"), "secret"));
  EXPECT_FALSE(has_token(with("Authorization", "Bearer "), "secret"));
  EXPECT_FALSE(has_token(HttpRequest{}, "secret"));
}

TEST(Access, NoTokenIsAskedForWhereNoneIsSet) { EXPECT_TRUE(has_token(HttpRequest{}, "")); }

class Localhost : public testing::TestWithParam<std::pair<const char*, bool>> {};
TEST_P(Localhost, IsKnownByTheHostHeader) {
  const auto [host, local] = GetParam();
  EXPECT_EQ(is_for_localhost(with("Host", host)), local) << host;
}
INSTANTIATE_TEST_SUITE_P(
    Access, Localhost,
    testing::Values(std::pair{"localhost:8480", true}, std::pair{"LOCALHOST", true},
                    std::pair{"127.0.0.1:8480", true}, std::pair{"[::1]:8480", true},
                    std::pair{"[::1]", true}, std::pair{"evil.example:8480", false},
                    std::pair{"127.evil.example", false},
                    std::pair{"localhost.evil.example", false}, std::pair{"", false}));

}  // namespace
}  // namespace plimsoll
