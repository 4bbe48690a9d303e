#include "hand/received_command.h"

#include <gmock/gmock.h>

namespace plimsoll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> granted{"/var/lib/docker/overlay2/abc/diff", "/srv/data/"};

/// What rsync 3.2.7 and 3.5.0 ask for with the words of rsync_words.
TEST(ReceivedCommand, WhatOurOwnRsyncAsksForPasses) {
  for (const char* line :
       {"rsync --server -lHogDtpAXrSe.iLsfxCIvu --timeout=30 --delete -@-1 --partial --numeric-ids "
        "--info=STATS2 . /var/lib/docker/overlay2/abc/diff/",
        "rsync --server -nlHogDtpAXrSze.iLsfxCIvu --compress-level=1 --timeout=30 --bwlimit=100 "
        "--delete -@-1 --partial --numeric-ids --info=STATS2 . /var/lib/docker/overlay2/abc/diff/",
        "rsync --server -ldHogDtpAXIRSe.LsfxCIvu --no-r --timeout=30 --delete -@-1 --numeric-ids "
        "--info=STATS2 --inplace --no-W . /var/lib/docker/overlay2/abc/diff/"}) {
    const auto command = parse_received_command(line, granted);
    EXPECT_TRUE(command) << command.error().message;
  }
}

TEST(ReceivedCommand, WhatAMoveNeedsPasses) {
  EXPECT_EQ(parse_received_command("plimsoll-ping", granted)->kind, ReceivedCommand::Kind::ping);
  EXPECT_EQ(parse_received_command("plimsoll-image", granted)->kind, ReceivedCommand::Kind::image);
  const auto rsync = parse_received_command(
      "rsync --server -logDtprSHAXe.iLsfxCIvu --log-format=%i --numeric-ids --delete-during "
      "--inplace --timeout=30 . /var/lib/docker/overlay2/abc/diff/",
      granted);
  ASSERT_TRUE(rsync) << rsync.error().message;
  EXPECT_EQ(rsync->folder, "/var/lib/docker/overlay2/abc/diff");
  EXPECT_THAT(rsync->words, ElementsAre("--server", "-logDtprSHAXe.iLsfxCIvu", "--log-format=%i",
                                        "--numeric-ids", "--delete-during", "--inplace",
                                        "--timeout=30", ".", "/var/lib/docker/overlay2/abc/diff/"));
  EXPECT_TRUE(parse_received_command("rsync --server -re.LsfxCIvu . /srv/data", granted));
  EXPECT_FALSE(rsync->names_paths);
  // As rsync 3.2 and later send it for tree rounds of a move.
  EXPECT_FALSE(parse_received_command(
                   "rsync --server -nlHogDtpAXrSe.iLsfxCIvu --timeout=30 --delete -@-1 --partial "
                   "--numeric-ids --info=STATS2 . /srv/data/",
                   granted)
                   ->names_paths);
  EXPECT_TRUE(parse_received_command("rsync --server -lHogDtpAXIRSe.LsfxCIvu --timeout=30 -@-1 "
                                     "--partial --numeric-ids --info=STATS2 . /srv/data/",
                                     granted)
                  ->names_paths)
      << "a list of files";
}

struct Refusal {
  const char* asked;
  const char* because;
};

class ReceivedCommandRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(ReceivedCommandRefusal, IsRefused) {
  const auto command = parse_received_command(GetParam().asked, granted);
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().code, Errc::refused);
  EXPECT_THAT(command.error().message, HasSubstr(GetParam().because));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReceivedCommandRefusal,
    testing::Values(
        Refusal{"", "no shell"}, Refusal{"sh", "not allowed"},
        Refusal{"/bin/sh -c id", "not allowed"}, Refusal{"scp -t /srv/data", "not allowed"},
        Refusal{"internal-sftp", "not allowed"},
        Refusal{"plimsoll-image --docker=/x", "not allowed"},
        Refusal{"plimsoll-ping;id", "plain words"}, Refusal{"plimsoll-ping\nid", "plain words"},
        Refusal{"plimsoll-ping $(id)", "plain words"}, Refusal{" plimsoll-ping", "plain words"},
        Refusal{"rsync --server -re.iLsfxCIvu . /etc", "not granted"},
        Refusal{"rsync --server -re.iLsfxCIvu . /srv/data/../../etc", "not granted"},
        Refusal{"rsync --server -re.iLsfxCIvu . /srv/data/sub", "not granted"},
        Refusal{"rsync --server -re.iLsfxCIvu . /srv/data /etc", "receiving side"},
        Refusal{"rsync --server --sender -re.iLsfxCIvu . /srv/data", "--sender"},
        Refusal{"rsync --daemon . /srv/data", "receiving side"},
        Refusal{"rsync --server -rse.iLsfxCIvu . /srv/data", "-rse."},
        Refusal{"rsync --server -rK . /srv/data", "-rK"},
        Refusal{"rsync --server -r --backup-dir=/etc . /srv/data", "--backup-dir"},
        Refusal{"rsync --server -r --temp-dir=/etc . /srv/data", "--temp-dir"},
        Refusal{"rsync --server -r --log-file=/etc/x . /srv/data", "--log-file"},
        Refusal{"rsync --server -r --log-format=/etc/x . /srv/data", "--log-format"},
        Refusal{"rsync --server -r --rsync-path=x . /srv/data", "--rsync-path"},
        Refusal{"rsync -e ssh . /srv/data", "receiving side"}));

}  // namespace
}  // namespace plimsoll
