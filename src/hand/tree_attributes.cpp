#include "hand/tree_attributes.h"

#include <fmt/format.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t value_bytes_max = 64U << 10;  // the kernel's own bound, XATTR_SIZE_MAX
constexpr int tries_max = 8;

/// Calls `ask(buffer, size)` with a buffer that is large enough, as long as the answer grows.
template <class Ask>
std::optional<std::string> grown(Ask ask) {
  std::string buffer(256, '\0');
  for (int i = 0; i < tries_max; ++i) {
    const ssize_t bytes = ask(buffer.data(), buffer.size());
    if (bytes >= 0) {
      buffer.resize(static_cast<std::size_t>(bytes));
      return buffer;
    }
    if (errno != ERANGE) return std::nullopt;
    buffer.resize(std::min(buffer.size() * 8, value_bytes_max));
  }
  return std::nullopt;
}

/// The entry by a path on which only the kernel's own link is followed, whatever kind it is.
std::string path_of(TreePlace place) {
  return fmt::format("/proc/self/fd/{}/{}", place.folder, place.name);
}

bool has_gone(int error) { return error == ENOENT || error == ENODATA || error == ENOTSUP; }

Error unreadable(TreePlace place) {
  return {Errc::io,
          fmt::format("{}: cannot read its extended attributes: {}", printable(place.name, 300),
                      std::generic_category().message(errno))};
}

}  // namespace

bool must_arrive(std::string_view attribute) {
  if (attribute.starts_with("system.")) {
    return attribute == "system.posix_acl_access" || attribute == "system.posix_acl_default";
  }
  return attribute != "trusted.overlay.origin" && attribute != "trusted.overlay.impure" &&
         attribute != "trusted.overlay.uuid";
}

Result<Sha256Sum> attributes_sum(TreePlace place) {
  const auto path = path_of(place);
  const auto list = grown(
      [&](char* buffer, std::size_t size) { return ::llistxattr(path.c_str(), buffer, size); });
  if (!list && !has_gone(errno)) return unreadable(place);
  if (!list || list->empty()) return Sha256Sum{};
  std::vector<std::string> names;
  for (const auto name : split(*list, '\0')) {
    if (!name.empty() && must_arrive(name)) names.emplace_back(name);
  }
  if (names.empty()) return Sha256Sum{};
  std::ranges::sort(names);
  Sha256 sum;
  for (const auto& name : names) {
    const auto value = grown([&](char* buffer, std::size_t size) {
      return ::lgetxattr(path.c_str(), name.c_str(), buffer, size);
    });
    if (!value && !has_gone(errno)) return unreadable(place);
    if (!value) continue;
    sum.add_text(name);
    sum.add_text(*value);
  }
  return sum.finish();
}

}  // namespace plimsoll
