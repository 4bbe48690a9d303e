#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace plimsoll::test {

namespace fs = std::filesystem;

inline void must(bool done, const std::string& what) {
  if (!done) throw std::runtime_error(what + ": " + std::strerror(errno));
}

inline void write_text(const fs::path& file, const std::string& text) {
  std::ofstream{file} << text;
}

inline void set_time(const fs::path& path, long seconds, long nanoseconds) {
  const timespec times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
  must(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0, "utimensat");
}

inline void set_attribute(const fs::path& path, const std::string& name, const std::string& value) {
  must(::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0, name);
}

/// The same length and the same times as before.
inline void swap_contents(const fs::path& file, const std::string& text) {
  struct stat before {};
  must(::stat(file.c_str(), &before) == 0, "stat");
  write_text(file, text);
  set_time(file, before.st_mtim.tv_sec, before.st_mtim.tv_nsec);
}

inline void make_socket(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  must(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "bind");
  ::close(socket);
}

/// A POSIX ACL as the kernel keeps it: the three of the mode, a user, a mask.
inline std::string access_list(unsigned user, char permissions) {
  std::string acl("\x02\x00\x00\x00", 4);
  const auto add = [&](char tag, char allowed, unsigned id) {
    acl += std::string{tag, '\0', allowed, '\0'};
    for (unsigned i = 0; i < 4; ++i) acl += static_cast<char>((id >> (8 * i)) & 0xffU);
  };
  constexpr unsigned nobody = 0xffffffffU;
  add(1, 6, nobody);
  add(2, permissions, user);
  add(4, 4, nobody);
  add(16, 7, nobody);
  add(32, 4, nobody);
  return acl;
}

/// The value of security.capability with one capability: VFS_CAP_REVISION_2, effective.
inline std::string capability(char bits) {
  std::string value("\x01\x00\x00\x02", 4);
  value += bits;
  value += std::string(15, '\0');
  return value;
}

/// One of each kind of thing that a container's writable layer may hold. Needs root.
inline void make_odd_tree(const fs::path& root) {
  fs::create_directories(root / "etc");
  fs::create_directories(root / "deep/er");
  fs::create_directories(root / "opaque");
  write_text(root / "plain", "hello\n");
  write_text(root / "etc/setuid", "#!");
  must(::chown((root / "etc/setuid").c_str(), 1234, 4321) == 0, "chown");
  must(::chmod((root / "etc/setuid").c_str(), 06755) == 0, "chmod");
  write_text(root / "new\nline", "1");
  write_text(root / "not\xff\xfeutf8", "2");
  write_text(root / "deep/er/one", "linked");
  fs::create_hard_link(root / "deep/er/one", root / "etc/other");
  write_text(root / "sparse", "begin");
  must(::truncate((root / "sparse").c_str(), 3'000'000) == 0, "truncate");
  fs::create_symlink("../nowhere", root / "etc/link");
  must(::mkfifo((root / "fifo").c_str(), 0620) == 0, "mkfifo");
  make_socket(root / "socket");
  must(::mknod((root / "device").c_str(), S_IFCHR | 0660, makedev(10, 200)) == 0, "mknod");
  must(::mknod((root / "whiteout").c_str(), S_IFCHR | 0000, makedev(0, 0)) == 0, "mknod");
  set_attribute(root / "opaque", "trusted.overlay.opaque", "y");
  set_attribute(root / "plain", "user.note", "x");
  set_attribute(root / "plain", "security.capability", capability(0x20));
  set_attribute(root / "etc/other", "system.posix_acl_access", access_list(77, 5));
  set_attribute(root / "etc/link", "trusted.note", "on a link");
  set_time(root / "plain", 1'000'000'000, 123'456'789);
  set_time(root / "etc/link", 1'000'000'001, 1);
  set_time(root / "fifo", 1'000'000'002, 2);
  set_time(root / "etc", 1'000'000'003, 3);
  must(::chmod(root.c_str(), 0751) == 0, "chmod");
}

}  // namespace plimsoll::test
