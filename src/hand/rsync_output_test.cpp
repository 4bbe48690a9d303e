#include "hand/rsync_output.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

// rsync 3.2 with --info=progress2,stats2 --no-human-readable --outbuf=N.
constexpr std::string_view real =
    "          89200  75%   82.86MB/s    0:00:00 (xfr#2, to-chk=6/9)\r"
    "         117474 100%   54.91MB/s    0:00:00 (xfr#7, to-chk=0/9)\n"
    "\nNumber of files: 9 (reg: 7, dir: 2)\n"
    "Number of created files: 8 (reg: 7, dir: 1)\n"
    "Number of deleted files: 3 (reg: 2, special: 1)\n"
    "Number of regular files transferred: 7\n"
    "Total file size: 217474 bytes\n"
    "Total transferred file size: 117474 bytes\n"
    "Literal data: 117400 bytes\n"
    "Matched data: 74 bytes\n"
    "File list size: 0\n"
    "File list generation time: 0.001 seconds\n"
    "Total bytes sent: 118084\n"
    "Total bytes received: 164\n\n"
    "sent 118084 bytes  received 164 bytes  236496.00 bytes/sec\n";

void expect_real(const RsyncOutput& output) {
  EXPECT_EQ(output.progress(), Bytes{117474});
  const auto& figures = output.figures();
  EXPECT_EQ(figures.sent, Bytes{118084});
  EXPECT_EQ(figures.received, Bytes{164});
  EXPECT_EQ(figures.literal, Bytes{117400});
  EXPECT_EQ(figures.matched, Bytes{74});
  EXPECT_EQ(figures.files, 7U);
  EXPECT_EQ(figures.created, 8U);
  EXPECT_EQ(figures.deleted, 3U);
}

TEST(RsyncOutput, FiguresComeInAnyPieces) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, real.size()}) {
    RsyncOutput output;
    for (std::size_t at = 0; at < real.size(); at += step) output.feed(real.substr(at, step));
    expect_real(output);
  }
}

TEST(RsyncOutput, ProgressNeverGoesBack) {
  RsyncOutput output;
  output.feed("  5000  75%   1.00MB/s    0:00:00\r  400  75%   1.00MB/s    0:00:00\r");
  EXPECT_EQ(output.progress(), Bytes{5000});
}

TEST(RsyncOutput, WhatItDoesNotKnowIsPassedOver) {
  RsyncOutput output;
  output.feed("Total bytes sent: many\nLiteral data: -4 bytes\n" + std::string(100'000, '9') +
              "%\nskipping: 50%\nMatched data: 18446744073709551616 bytes\nTotal bytes sent: 12");
  EXPECT_EQ(output.progress(), Bytes{});
  EXPECT_EQ(output.figures().sent, Bytes{}) << "a line is one when it has ended";
  EXPECT_EQ(output.figures().matched, Bytes{});
}

struct Ended {
  int code;
  const char* words;
  Errc error;
};

TEST(JudgeRsync, CodesAndWordsTellWhatToDo) {
  for (const auto& [code, words, error] : {
           Ended{11, "rsync: write failed: No space left on device (28)", Errc::io},
           Ended{127, "bash: line 1: rsync: command not found", Errc::not_found},
           Ended{12, "sh: 1: rsync: not found\nrsync error: code 12", Errc::not_found},
           Ended{255, "Host key verification failed.", Errc::refused},
           Ended{255, "root@h2: Permission denied (publickey).", Errc::unauthorized},
           Ended{255, "ssh: connect to host h2 port 22: Connection refused", Errc::unreachable},
           Ended{30, "rsync error: timeout in data send/receive", Errc::timeout},
           Ended{12, "rsync: connection unexpectedly closed", Errc::unreachable},
           Ended{137, "", Errc::io},
       }) {
    const auto judged = judge_rsync(code, words, false);
    ASSERT_FALSE(judged) << words;
    EXPECT_EQ(judged.error().code, error) << words;
  }
}

TEST(JudgeRsync, WhatVanishedCountsOnlyInTheEnd) {
  EXPECT_FALSE(judge_rsync(0, "", true).value());
  EXPECT_TRUE(judge_rsync(24, "file has vanished", false).value());
  EXPECT_TRUE(judge_rsync(23, "some files could not be transferred", false).value());
  EXPECT_FALSE(judge_rsync(24, "file has vanished", true));
  EXPECT_FALSE(judge_rsync(23, "rsync: [receiver] No space left on device (28)", false));
}

}  // namespace
}  // namespace plimsoll
