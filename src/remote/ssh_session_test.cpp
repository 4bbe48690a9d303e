#include "remote/ssh_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/temp_dir.h"

namespace plimsoll {
namespace {

using testing::Contains;
using testing::IsSupersetOf;

Host host_at(std::string address) {
  Host host;
  host.name = HostId{"h2"};
  host.address = std::move(address);
  return host;
}

TEST(SshWords, NeverAskAndNeverTrustBlindly) {
  EXPECT_THAT(ssh_words(host_at("10.0.0.2"), SshConfig{}),
              IsSupersetOf({"BatchMode=yes", "StrictHostKeyChecking=yes", "root"}));
}

TEST(SshWords, TheHostsOwnColumnsWin) {
  auto host = host_at("10.0.0.2");
  host.ssh_user = "deploy";
  host.ssh_port = 2222;
  host.ssh_key = "/keys/h2";
  SshConfig config;
  config.key = "/keys/all";
  config.known_hosts = "/keys/known";
  const auto words = ssh_words(host, config);
  EXPECT_THAT(words,
              IsSupersetOf({"deploy", "2222", "/keys/h2", "UserKnownHostsFile=/keys/known"}));
  EXPECT_THAT(words, testing::Not(Contains("/keys/all")));
}

TEST(SshSession, AnUnreachableHostGivesOneClearLine) {
  asio::io_context context;
  const TempDir dir;
  auto host = host_at("127.0.0.1");
  host.ssh_port = 1;
  SshConfig config;
  config.config = "/dev/null";
  config.socket_dir = dir.path();
  const auto session = run_task(context, SshSession::open(context.get_executor(), host, config));
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, Errc::unreachable);
  EXPECT_TRUE(session.error().message.starts_with("h2: nothing listens on its SSH port"))
      << session.error().message;
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace plimsoll
