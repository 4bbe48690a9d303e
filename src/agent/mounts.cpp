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

bool holds_local_data(const Mount& mount) {
  static constexpr std::array<std::string_view, 13> types{
      "ext2", "ext3",     "ext4",     "xfs",  "btrfs", "zfs",  "f2fs",
      "jfs",  "reiserfs", "bcachefs", "vfat", "exfat", "ntfs3"};
  if (mount.type == "overlay") return mount.point == "/";
  return std::ranges::find(types, mount.type) != types.end();
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

bool is_on_local_filesystem(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* holder = nullptr;
  for (const auto& mount : mounts) {
    std::string_view point = mount.point;
    if (point == "/") point = "";
    const bool above =
        path.starts_with(point) && (path.size() == point.size() || path[point.size()] == '/');
    // A later line of the same point is mounted over the earlier one.
    if (above && (holder == nullptr || mount.point.size() >= holder->point.size())) holder = &mount;
  }
  if (holder == nullptr) return false;
  return holds_local_data(*holder) || holder->type == "overlay" || holder->type == "tmpfs";
}

std::vector<Mount> local_filesystems(const std::vector<Mount>& mounts) {
  std::map<std::string, Mount> best;
  for (const auto& mount : mounts) {
    if (!holds_local_data(mount)) continue;
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
