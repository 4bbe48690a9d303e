#include "agent/mounts.h"

#include <gtest/gtest.h>

#include "support/fake_host.h"

namespace plimsoll {
namespace {

TEST(Mountinfo, ReadsFieldsAndUndoesEscapes) {
  const auto mounts = parse_mountinfo(
      "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=x\n"
      "broken line\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0], (Mount{"98:0", "/mnt1", "/mnt 2", "ext3", "/dev/root", "rw,errors=x"}));
}

TEST(DataFilesystems, EachOnceAndNoneOfMemoryOrEngines) {
  const auto list = data_filesystems(
      parse_mountinfo("1 0 254:0 / / rw - ext4 /dev/vda rw\n"
                      "2 1 254:0 /var/x /srv/bound rw - ext4 /dev/vda rw\n"
                      "3 1 254:16 / /var/lib/docker rw - xfs /dev/vdb rw\n"
                      "4 1 0:50 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw\n"
                      "5 1 0:51 / /mnt/nfs rw - nfs4 server:/x rw\n"
                      "6 1 0:52 / /mnt/fuse rw - fuse.sshfs x rw\n"
                      "7 1 0:53 / /net rw - autofs x rw\n"
                      "8 1 0:22 / /proc rw - proc proc rw\n"
                      "9 1 0:23 / /run rw - tmpfs tmpfs rw\n"
                      "10 1 0:54 / /run/user/1/gvfs rw - fuse.gvfsd-fuse x rw\n"));
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].point, "/");
  EXPECT_EQ(list[1].point, "/mnt/fuse");
  EXPECT_EQ(list[2].point, "/mnt/nfs");
  EXPECT_EQ(list[3].point, "/var/lib/docker");
  EXPECT_TRUE(is_local(list[0]));
  EXPECT_FALSE(is_local(list[1]));
  EXPECT_FALSE(is_local(list[2]));
}

TEST(DataFilesystems, AnOverlayCountsOnlyAsTheRoot) {
  const auto list = data_filesystems(parse_mountinfo("1 0 0:40 / / rw - overlay overlay rw\n"));
  ASSERT_EQ(list.size(), 1U);
}

TEST(Mounts, WhereAPathLies) {
  const auto mounts = parse_mountinfo(
      "1 0 254:0 / / rw - ext4 /dev/vda rw\n"
      "2 1 0:51 / /var/lib rw - nfs4 server:/x rw\n"
      "3 1 254:16 / /var/lib/docker rw - xfs /dev/vdb rw\n");
  const auto point = [&](std::string_view path) { return mount_of(mounts, path)->point; };
  EXPECT_EQ(point("/var"), "/");
  EXPECT_EQ(point("/var/lib/containers"), "/var/lib");
  EXPECT_EQ(point("/var/lib/docker"), "/var/lib/docker");
  EXPECT_EQ(point("/var/libx"), "/");
  EXPECT_EQ(mount_of({}, "/var"), nullptr);
}

}  // namespace
}  // namespace plimsoll
