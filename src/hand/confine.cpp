#include "hand/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace plimsoll {
namespace {

// With the first version nothing can be renamed or linked from one folder to another, which rsync
// has to do.
constexpr long version_needed = 2;
constexpr std::uint64_t changes =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
    LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER;

Error cannot(const std::string& what) {
  return {Errc::refused, what + ": " + std::generic_category().message(errno)};
}

Result<void> allow_below(int rules, const std::filesystem::path& folder, std::uint64_t what) {
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = what;
  beneath.parent_fd = ::open(folder.c_str(), O_PATH | O_CLOEXEC);
  if (beneath.parent_fd < 0) return cannot(folder.string());
  const auto added =
      ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
  ::close(beneath.parent_fd);
  if (added != 0) return cannot("a rule of Landlock");
  return {};
}

}  // namespace

Result<void> confine_writes_to(const std::filesystem::path& folder) {
  const auto version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < version_needed) {
    return Error{Errc::refused, "this kernel has no Landlock that could confine it"};
  }
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = changes;
  const int rules =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0));
  if (rules < 0) return cannot("Landlock");
  auto allowed = allow_below(rules, folder, changes);
  if (allowed) allowed = allow_below(rules, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE);
  if (allowed && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) allowed = cannot("no_new_privs");
  if (allowed && ::syscall(SYS_landlock_restrict_self, rules, 0) != 0) allowed = cannot("Landlock");
  ::close(rules);
  return allowed;
}

}  // namespace plimsoll
