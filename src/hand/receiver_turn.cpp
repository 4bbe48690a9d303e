#include "hand/receiver_turn.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr Duration look_every{20};

std::string token() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return fmt::format("{} {}", ::getpid(), now);
}

}  // namespace

Result<ReceiverTurn> ReceiverTurn::take(const std::filesystem::path& move_folder,
                                        const std::string& folder, Duration patience) {
  const auto file = move_folder / "receiving" / fmt::format("{:016x}", stable_hash(folder));
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  const auto mine = token();
  if (const auto taken = write_file_atomically(file, mine, 0600); !taken) return taken.error();
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto lock = FileLock::try_lock(file.string() + ".lock");
    if (lock) return ReceiverTurn{file, mine, std::move(*lock)};
    if (lock.error().code != Errc::conflict) return lock.error();
    if (std::chrono::steady_clock::now() >= until) {
      return Error{Errc::timeout, folder + ": an earlier transfer into it does not end"};
    }
    std::this_thread::sleep_for(look_every);
  }
}

bool ReceiverTurn::is_mine() const {
  const auto newest = read_file(file_, 256);
  return newest && *newest == mine_;
}

}  // namespace plimsoll
