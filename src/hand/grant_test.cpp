#include "hand/grant.h"

#include <gmock/gmock.h>

#include "hand/own_place.h"
#include "hand/ssh_daemon.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(GrantSpec, SaysWhatIsWrong) {
  const auto good = parse_grant_spec(
      R"({"key":"ssh-ed25519 A","from":["10.0.0.1"],"folders":["/srv/data"],"seconds":60})");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->lasts, Duration{60'000});
  EXPECT_THAT(good->folders, ElementsAre("/srv/data"));
  for (const char* folder : {"/", "srv", "/srv/../etc", "/srv/a b", ""}) {
    const auto bad = parse_grant_spec(R"({"folders":[")" + std::string{folder} + R"("]})");
    ASSERT_FALSE(bad) << folder;
    EXPECT_THAT(bad.error().message, HasSubstr("no folder that we grant"));
  }
  EXPECT_FALSE(parse_grant_spec(R"({"seconds":0})"));
  EXPECT_FALSE(parse_grant_spec(R"({"seconds":10000000})"));
}

TEST(SshdSettings, AreReadFromWhatSshdSays) {
  const auto settings = parse_sshd_settings(
      "port 22\nport 2222\npubkeyauthentication yes\nauthorizedkeysfile /etc/keys/%u .ssh/x\n"
      "hostkey /etc/ssh/ssh_host_rsa_key\nhostkey /etc/ssh/ssh_host_ed25519_key\n");
  EXPECT_THAT(settings.ports, ElementsAre(22, 2222));
  EXPECT_THAT(settings.host_key_files,
              ElementsAre("/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ed25519_key"));
  const SshAccount account{"deploy", "/home/deploy", 1000, 1000};
  EXPECT_EQ(authorized_keys_of(settings, account).value(), "/etc/keys/deploy");
  EXPECT_EQ(authorized_keys_of(SshdSettings{}, account).value(),
            "/home/deploy/.ssh/authorized_keys");
  const auto none = parse_sshd_settings("authorizedkeysfile none\n");
  EXPECT_EQ(authorized_keys_of(none, account).error().code, Errc::refused);
  EXPECT_FALSE(authorized_keys_of(parse_sshd_settings("pubkeyauthentication no\n"), account));
}

TEST(OwnPlace, KeepsTheTwoNewestOfTheOthers) {
  const TempDir folder;
  const std::vector<std::string> names{"plimsoll-0000000000000000", "plimsoll-1111111111111111",
                                       "plimsoll-2222222222222222", "plimsoll-3333333333333333"};
  const auto now = std::filesystem::file_time_type::clock::now();
  for (std::size_t i = 0; i < names.size(); ++i) {
    folder.write(names[i], "x");
    std::filesystem::last_write_time(folder.path() / names[i], now + std::chrono::hours{i});
  }
  folder.write("plimsoll-of-somebody", "x");
  remove_older_hands(folder.path(), names[0]);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / names[0])) << "itself, though it is oldest";
  EXPECT_FALSE(std::filesystem::exists(folder.path() / names[1]));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / names[2]));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / names[3]));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "plimsoll-of-somebody"));
}

TEST(OwnPlace, ACommandPassesSudoInHex) {
  const std::string command = "rsync --server . /srv; $(id)\n";
  EXPECT_EQ(asked_command("", to_hex(command)), command);
  EXPECT_EQ(asked_command("plain", ""), "plain");
  EXPECT_EQ(asked_command("plain", "zz"), "");
}

}  // namespace
}  // namespace plimsoll
