#include "hand/move_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

Result<void> make_folder(const std::filesystem::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return Error{Errc::io, path.string() + ": " + std::generic_category().message(errno)};
  }
  return {};
}

}  // namespace

Result<void> make_move_folder(const HandContext& context) {
  const auto& id = context.order.move.str();
  if (!is_safe_name(id)) return Error{Errc::invalid, "'" + printable(id, 40) + "' is no move's id"};
  if (const auto made = make_folder(context.run, 0711); !made) return made;
  return make_folder(context.move_folder(), 0700);
}

std::vector<std::string> words_for_hand(const HandContext& context, std::string act) {
  return {"hand",     std::move(act),
          "--move",   context.order.move.str(),
          "--epoch",  std::to_string(context.order.epoch),
          "--owner",  context.order.owner,
          "--docker", context.docker.unix_path,
          "--state",  context.state.string(),
          "--run",    context.run.string()};
}

Result<std::string> fresh_tag() {
  const auto uuid = read_file("/proc/sys/kernel/random/uuid", 64);
  if (!uuid) return uuid.error();
  return uuid->substr(0, 8);
}

}  // namespace plimsoll
