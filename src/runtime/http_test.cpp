#include "runtime/http.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(HttpTarget, ReadsTheFormsWeKnow) {
  const auto influx = parse_http_target("http://127.0.0.1:8086/");
  ASSERT_TRUE(influx);
  EXPECT_EQ(influx->host, "127.0.0.1");
  EXPECT_EQ(influx->port, 8086);
  EXPECT_EQ(influx->base_path, "");
  EXPECT_EQ(parse_http_target("http://db.example/a/b")->base_path, "/a/b");
  EXPECT_EQ(parse_http_target("http://[::1]:80")->host, "::1");
  EXPECT_EQ(parse_http_target("http://[::1]:80")->str(), "[::1]:80");
  EXPECT_EQ(parse_http_target("tcp://h:2375")->port, 2375);
  EXPECT_FALSE(parse_http_target("http://h")->tls);
  EXPECT_TRUE(parse_http_target("https://h")->tls);
  EXPECT_EQ(parse_http_target("https://h")->port, 443);
  EXPECT_EQ(parse_http_target("https://h:8443/x")->port, 8443);
  EXPECT_EQ(parse_http_target("unix:///run/docker.sock")->unix_path, "/run/docker.sock");
}

TEST(HttpTarget, RefusesTheRest) {
  for (const char* url : {"", "h:80", "ftp://h", "https://", "http://", "http://h:0",
                          "http://h:99999", "unix://relative", "http://user:secret@h/"}) {
    EXPECT_FALSE(parse_http_target(url)) << url;
  }
  const auto credentials = parse_http_target("http://user:secret@h/");
  EXPECT_EQ(credentials.error().message.find("secret"), std::string::npos);
}

TEST(Http, HeadersAreFoundInAnyCase) {
  const std::vector<HttpHeader> headers{{"Content-Type", "text/plain"}};
  EXPECT_EQ(header(headers, "content-type"), "text/plain");
  EXPECT_EQ(header(headers, "other"), "");
}

TEST(Http, PercentEncodes) { EXPECT_EQ(percent_encode("a b/c~d%"), "a%20b%2Fc~d%25"); }

}  // namespace
}  // namespace plimsoll
