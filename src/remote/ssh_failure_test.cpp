#include "remote/ssh_failure.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

struct Case {
  const char* name;
  const char* words;
  Errc code;
  const char* hint;
};

class SshFailure : public testing::TestWithParam<Case> {};

TEST_P(SshFailure, SaysWhatToDo) {
  const auto error = explain_ssh_failure("h2", GetParam().words);
  EXPECT_EQ(error.code, GetParam().code);
  EXPECT_TRUE(error.message.starts_with("h2: ")) << error.message;
  EXPECT_NE(error.message.find(GetParam().hint), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, SshFailure,
    testing::Values(Case{"changed_key",
                         "@@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@@@\n"
                         "Host key verification failed.\r\n",
                         Errc::refused, "has changed"},
                    Case{"unknown_key",
                         "No ED25519 host key is known for h2\nHost key verification failed.\r\n",
                         Errc::refused, "ssh-keyscan"},
                    Case{"key_refused", "root@10.0.0.2: Permission denied (publickey).\r\n",
                         Errc::unauthorized, "ssh_user"},
                    Case{"no_sshd", "ssh: connect to host 10.0.0.2 port 22: Connection refused\r\n",
                         Errc::unreachable, "sshd"},
                    Case{"silent",
                         "ssh: connect to host 10.0.0.2 port 22: Connection timed out\r\n",
                         Errc::timeout, "firewall"},
                    Case{"no_name",
                         "ssh: Could not resolve hostname nope: Name or service not known\r\n",
                         Errc::unreachable, "host.csv"},
                    Case{"something_else", "one\nBad configuration option: foo\n",
                         Errc::unreachable, "Bad configuration option: foo"},
                    Case{"nothing", "", Errc::unreachable, "no reason"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace plimsoll
