#include "orchestrate/listening_ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* tables =
    "/proc/net/tcp:   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
    "/proc/net/tcp:   1: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
    "/proc/net/tcp:   2: 0100007F:0CEB 00000000:0000 07 00000000:00000000 00:00000000 00000000\n"
    "/proc/net/tcp6:   0: 00000000000000000000000000000000:1F90 "
    "00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    "/proc/net/tcp6:   1: 00000000000000000000000001000000:0016 "
    "00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    "/proc/net/udp:  17: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000\n";

TEST(ListeningPorts, AreReadFromTheKernelsTables) {
  EXPECT_THAT(parse_listeners(tables), ElementsAre(PublishedPort{8080, Protocol::tcp, ""},
                                                   PublishedPort{3306, Protocol::tcp, "127.0.0.1"},
                                                   PublishedPort{22, Protocol::tcp, "::1"},
                                                   PublishedPort{53, Protocol::udp, ""}));
}

TEST(ListeningPorts, WhatIsNoTableGivesNone) {
  EXPECT_THAT(parse_listeners(""), IsEmpty());
  EXPECT_THAT(parse_listeners("bash: grep: not found\n\n: : : 0A x\na b c:d e 0A\n"), IsEmpty());
  EXPECT_THAT(parse_listeners("/proc/net/tcp: 0: 0:1F90 0:0 0A\n"), IsEmpty());
}

}  // namespace
}  // namespace plimsoll
