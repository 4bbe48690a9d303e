#include "runtime/privileges.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace plimsoll {
namespace {

/// What a child process that gives up its privileges finds: a process cannot take them back.
template <class Check>
bool in_a_child(Check check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Privileges, WhatIsNotKeptIsGone) {
  EXPECT_TRUE(in_a_child([] {
    const bool had = has_capability(CAP_NET_RAW);
    if (!keep_capabilities({CAP_NET_RAW})) return false;
    return has_capability(CAP_NET_RAW) == had && !has_capability(CAP_SYS_ADMIN) &&
           !has_capability(CAP_DAC_OVERRIDE) && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  }));
}

TEST(Privileges, NothingThereIsNothingToLose) {
  EXPECT_TRUE(in_a_child([] {
    return keep_capabilities({}) && keep_capabilities({CAP_NET_RAW}) &&
           !has_capability(CAP_NET_RAW);
  }));
}

TEST(Privileges, TheBoundingSetIsLoweredTooWhereThatIsAllowed) {
  EXPECT_TRUE(in_a_child([] {
    const bool may = has_capability(CAP_SETPCAP);
    if (!keep_capabilities({CAP_NET_RAW})) return false;
    return !may || (::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0 &&
                    ::prctl(PR_CAPBSET_READ, CAP_NET_RAW, 0, 0, 0) == 1);
  }));
}

}  // namespace
}  // namespace plimsoll
