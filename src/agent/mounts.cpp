#include "agent/mounts.h"

#include <array>
#include <map>

#include "agent/scan.h"

namespace plimsoll {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

/// Spaces, tabs, line breaks and backslashes stand as \040 and the like.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
                         is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (!escaped) {
      out += text[i];
      continue;
    }
    const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
    out += static_cast<char>(value);
    i += 3;
  }
  return out;
}

template <std::size_t count>
bool is_one_of(std::string_view type, const std::array<std::string_view, count>& types) {
  return std::ranges::find(types, type) != types.end();
}

bool is_on_a_disk(const Mount& mount) {
  static constexpr std::array<std::string_view, 13> types{
      "ext2", "ext3",     "ext4",     "xfs",  "btrfs", "zfs",  "f2fs",
      "jfs",  "reiserfs", "bcachefs", "vfat", "exfat", "ntfs3"};
  if (mount.type == "overlay") return mount.point == "/";
  return is_one_of(mount.type, types);
}

bool is_elsewhere(const Mount& mount) {
  static constexpr std::array<std::string_view, 14> types{
      "nfs", "nfs4",   "cifs", "smb3",  "ceph",   "9p",      "virtiofs",
      "afs", "lustre", "gfs2", "ocfs2", "beegfs", "fuseblk", "glusterfs"};
  // Of desktops and container engines: they hold nothing of their own.
  static constexpr std::array<std::string_view, 6> inner{"fuse.gvfsd-fuse",     "fuse.portal",
                                                         "fuse.lxcfs",          "fuse.snapfuse",
                                                         "fuse.fuse-overlayfs", "fuse.squashfuse"};
  if (mount.type == "fuse" || mount.type.starts_with("fuse.")) {
    return !is_one_of(mount.type, inner);
  }
  return is_one_of(mount.type, types);
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  each_line(text, [&](std::string_view line) {
    const auto separator = line.find(" - ");
    if (separator == std::string_view::npos) return;
    auto left = line.substr(0, separator);
    auto right = line.substr(separator + 3);
    take_word(left);
    take_word(left);
    Mount mount;
    mount.device_number = take_word(left);
    mount.root = unescape(take_word(left));
    mount.point = unescape(take_word(left));
    mount.type = take_word(right);
    mount.source = unescape(take_word(right));
    mount.super_options = take_word(right);
    if (!mount.point.empty() && !mount.type.empty()) mounts.push_back(std::move(mount));
  });
  return mounts;
}

bool is_local(const Mount& mount) {
  return is_on_a_disk(mount) || mount.type == "overlay" || mount.type == "tmpfs";
}

const Mount* mount_of(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* holder = nullptr;
  for (const auto& mount : mounts) {
    std::string_view point = mount.point;
    if (point == "/") point = "";
    const bool above =
        path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/');
    // A later line of the same point is mounted over the earlier one.
    if (above && (holder == nullptr || mount.point.size() >= holder->point.size())) holder = &mount;
  }
  return holder;
}

std::vector<Mount> data_filesystems(const std::vector<Mount>& mounts) {
  std::map<std::string, Mount> best;
  for (const auto& mount : mounts) {
    if (!is_on_a_disk(mount) && !is_elsewhere(mount)) continue;
    const auto [place, is_new] = best.try_emplace(mount.device_number, mount);
    if (!is_new && mount.point.size() < place->second.point.size()) place->second = mount;
  }
  std::vector<Mount> list;
  list.reserve(best.size());
  for (auto& [number, mount] : best) list.push_back(std::move(mount));
  std::ranges::sort(list, {}, &Mount::point);
  return list;
}

}  // namespace plimsoll
