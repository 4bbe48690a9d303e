#include "inventory/host_list.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

HostList hosts(std::string_view text) {
  auto list = parse_host_list(text, "host.csv");
  EXPECT_TRUE(list) << list.error().message;
  return list ? *list : HostList{};
}

std::string problems(std::string_view text) {
  const auto list = parse_host_list(text, "host.csv");
  if (list) return "";
  EXPECT_EQ(list.error().code, Errc::malformed);
  return list.error().message;
}

TEST(HostList, ReadsEveryColumnInAnyOrder) {
  const auto list = hosts(
      "zone,ssh_key,ssh_port,ssh_user,api,port,ip,name,Rack no\n"
      "eu,/k/id,2222,ops,/v1/telemetry,6000,10.0.0.1,h1,\"a, 7\"\n");
  ASSERT_EQ(list.size(), 1U);
  const Host& host = list.front();
  EXPECT_EQ(host.name.str(), "h1");
  EXPECT_EQ(host.address, "10.0.0.1");
  EXPECT_EQ(host.port, 6000);
  EXPECT_EQ(host.api, "v1/telemetry");
  EXPECT_EQ(host.ssh_user, "ops");
  EXPECT_EQ(host.ssh_port, 2222);
  EXPECT_EQ(host.ssh_key, "/k/id");
  EXPECT_EQ(host.labels, (std::map<std::string, std::string>{{"Rack no", "a, 7"}, {"zone", "eu"}}));
}

TEST(HostList, EmptyFieldsTakeTheDefaults) {
  const auto list = hosts("name,ip,port,api,ssh_user,ssh_port,ssh_key,zone\n,h1.lan,,,,,,\n");
  ASSERT_EQ(list.size(), 1U);
  Host expected;
  expected.name = HostId{"h1.lan"};
  expected.address = "h1.lan";
  EXPECT_EQ(list.front(), expected);
  EXPECT_EQ(list.front().port, 5002);
}

TEST(HostList, ReadsThePredecessorsTwoForms) {
  const auto first = hosts("ip,port,api\n192.168.1.5,5002,combined\n192.168.1.6,5002,combined\n");
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[1].name.str(), "192.168.1.6");
  EXPECT_EQ(first[1].api, "combined");
  const auto second = hosts("hostname,ip_address\nnode1,192.168.1.5\n");
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].name.str(), "node1");
  EXPECT_EQ(second[0].port, 5002);
}

TEST(HostList, ReadsAliasesBomCrlfCommentsAndQuotes) {
  const auto list =
      hosts("\xef\xbb\xbf# mine\r\nHost,ADDRESS\r\n\r\n\"h 1\",[fe80::1]\r\n#h2,x\r\n");
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].name.str(), "h 1");
  EXPECT_EQ(list[0].address, "fe80::1");
}

struct BadFile {
  const char* name;
  std::string text;
  std::string message;
};
class BadHostList : public testing::TestWithParam<BadFile> {};

TEST_P(BadHostList, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(problems(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadHostList,
    testing::Values(
        BadFile{"empty", "",
                "host.csv: is empty; write a header such as name,ip,port and a host a line"},
        BadFile{"header_only", "name,ip\n", "host.csv: has a header but no hosts"},
        BadFile{"no_header", "10.0.0.1,5002\n10.0.0.2,5002\n",
                "host.csv:1: the header has no column 'ip' (or 'ip_address', 'address'); the first "
                "line names the columns, such as name,ip,port"},
        BadFile{"column_twice", "ip,host,hostname\n10.0.0.1,a,b\n",
                "host.csv:1: columns 'host' and 'hostname' mean the same; keep one"},
        BadFile{"label_twice", "ip,zone,zone\n10.0.0.1,a,b\n",
                "host.csv:1: columns 'zone' and 'zone' mean the same; keep one"},
        BadFile{"nameless_column", "ip,\n10.0.0.1,\n", "host.csv:1: a column has no name"},
        BadFile{"missing_ip", "name,ip\nh1,\n", "host.csv:2: has no ip; every host needs one"},
        BadFile{"few_fields", "name,ip\nh1\n", "host.csv:2: has 1 fields, the header has 2"},
        BadFile{"many_fields", "ip\n10.0.0.1,5\n", "host.csv:2: has 2 fields, the header has 1"},
        BadFile{"nul_in_address", std::string{"ip\nfe80::1\0\0\n", 13},
                "host.csv:2: 'fe80::1?\?' is no address; a port belongs into the column 'port'"},
        BadFile{"port_zero", "ip,port\na,0\n",
                "host.csv:2: bad port '0'; write a number from 1 to 65535"},
        BadFile{"port_large", "ip,port\na,65536\n",
                "host.csv:2: bad port '65536'; write a number from 1 to 65535"},
        BadFile{"port_text", "ip,port\na,http\n",
                "host.csv:2: bad port 'http'; write a number from 1 to 65535"},
        BadFile{"ssh_port", "ip,ssh_port\na,-1\n",
                "host.csv:2: bad ssh_port '-1'; write a number from 1 to 65535"},
        BadFile{"ssh_user", "ip,ssh_user\na,-oProxyCommand=x\n",
                "host.csv:2: bad ssh_user '-oProxyCommand=x'"},
        BadFile{"ssh_key", "ip,ssh_key\na,-F\n",
                "host.csv:2: bad ssh_key '-F'; write the path of a private key"},
        BadFile{"port_in_ip", "ip\n10.0.0.1:5002\n",
                "host.csv:2: '10.0.0.1:5002' is no address; a port belongs into the column 'port'"},
        BadFile{"bad_ipv4", "ip\n10.0.0.256\n", "host.csv:2: '10.0.0.256' is no IPv4 address"},
        BadFile{"option_as_ip", "ip\n-oProxyCommand=x\n",
                "host.csv:2: '-oProxyCommand=x' is no IP address or DNS name"},
        BadFile{"url_as_ip", "ip\nhttp//x\n", "host.csv:2: 'http//x' is no IP address or DNS name"},
        BadFile{"api_url", "ip,api\na,http://a/v1\n",
                "host.csv:2: bad api 'http://a/v1'; write a path such as v1/telemetry"},
        BadFile{"name_slash", "name,ip\n../x,a\n",
                "host.csv:2: name '../x' has a slash, which file names cannot have"},
        BadFile{"name_dash", "name,ip\n-x,a\n",
                "host.csv:2: name '-x' must not start with '-' or '.'"},
        BadFile{"name_control", "name,ip\n\x1b[2J,a\n",
                "host.csv:2: name '?[2J' has characters that cannot be printed"},
        BadFile{"name_long", "name,ip\n" + std::string(254, 'x') + ",a\n",
                "host.csv:2: name is longer than 253 bytes"},
        BadFile{"label_control", "ip,zone\na,\"x\ny\"\n",
                "host.csv:2: 'zone' is longer than 1024 bytes or not printable"},
        BadFile{"open_quote", "ip,zone\na,\"x\n", "host.csv:2: a quote is opened and never closed"},
        BadFile{"duplicate_name", "name,ip\nh1,a\nh1,b\n",
                "host.csv:3: duplicate name 'h1' (first on line 2)"},
        BadFile{"duplicate_address", "name,ip\nh1,Node\nh2,node\n",
                "host.csv:3: duplicate address node port 5002 (first on line 2)"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(HostList, SameAddressOnAnotherPortIsAnotherHost) {
  EXPECT_EQ(hosts("name,ip,port\nh1,a,5002\nh2,a,5003\n").size(), 2U);
}

TEST(HostList, TellsAllProblemsAtOnceAndReturnsNothingInPart) {
  EXPECT_EQ(problems("name,ip,port\nh1,a,x\nh2,,5\nh3,c,5002\nh3,d,5002\n"),
            "host.csv:2: bad port 'x'; write a number from 1 to 65535\n"
            "host.csv:3: has no ip; every host needs one\n"
            "host.csv:5: duplicate name 'h3' (first on line 4)");
}

TEST(HostList, BoundsWhatItSays) {
  std::string text = "ip,port\n";
  for (int i = 0; i < 80; ++i) text += "a,0\n";
  const auto message = problems(text);
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 50);
  EXPECT_TRUE(message.ends_with("host.csv: and 30 more"));
}

TEST(HostList, BoundsItsInput) {
  EXPECT_EQ(problems(std::string((16U << 20) + 1, 'x')), "host.csv: is longer than 16 MiB");
  std::string text = "ip\n";
  for (int i = 0; i < 100'001; ++i) text += "h" + std::to_string(i) + "\n";
  EXPECT_EQ(problems(text), "host.csv: has more than 100000 hosts");
  text.resize(text.rfind('\n', text.size() - 2) + 1);
  EXPECT_EQ(hosts(text).size(), 100'000U);
}

TEST(HostList, SurvivesGarbage) {
  EXPECT_NE(problems("\x7f"
                     "ELF\x02\x01\x01\n\x00\xff\xfe,,,,\n\"\"\""),
            "");
  EXPECT_NE(problems("<html><body>not found</body></html>"), "");
}

}  // namespace
}  // namespace plimsoll
