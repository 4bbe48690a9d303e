#include "hand/fence.h"

#include <fmt/format.h>

#include "core/text.h"
#include "runtime/files.h"

namespace plimsoll {
namespace {

constexpr std::size_t record_bytes_max = 256;
constexpr unsigned for_us_alone = 0600;

std::filesystem::path owner_file(const std::filesystem::path& folder) { return folder / "owner"; }
std::filesystem::path epoch_file(const std::filesystem::path& folder, const MoveId& move) {
  return folder / "epochs" / move.str();
}

/// The first line, or "" where there is no such file.
Result<std::string> remembered(const std::filesystem::path& file) {
  auto text = read_file(file, record_bytes_max);
  if (!text && text.error().code == Errc::not_found) return std::string{};
  if (!text) return text.error();
  return std::string{trim(*text)};
}

}  // namespace

Result<void> Fence::judge(const Order& order) const {
  const auto owner = remembered(owner_file(folder_));
  if (!owner) return owner.error();
  if (!owner->empty() && *owner != order.owner && !order.take_over) {
    return Error{
        Errc::refused,
        fmt::format("this host obeys another orchestrator ({}); where that one is gone for "
                    "good, say so once: --set orchestrator.take_over=true",
                    printable(*owner, 40))};
  }
  const auto epoch = remembered(epoch_file(folder_, order.move));
  if (!epoch) return epoch.error();
  if (epoch->empty()) return {};
  const auto newest = parse_number<std::uint64_t>(*epoch);
  if (!newest) {
    return Error{Errc::malformed,
                 epoch_file(folder_, order.move).string() + ": is no epoch; remove it by hand"};
  }
  if (order.epoch >= *newest) return {};
  return Error{Errc::refused, fmt::format("superseded: move {} is in the hands of epoch {}, this "
                                          "order is of epoch {}",
                                          order.move.str(), *newest, order.epoch)};
}

Result<void> Fence::check(const Order& order) const { return judge(order); }

Result<FileLock> Fence::hold(const Order& order) const {
  auto lock = FileLock::wait_for(folder_ / "lock");
  if (!lock) return lock.error();
  if (const auto fine = judge(order); !fine) return fine.error();
  return lock;
}

Result<void> Fence::admit(const Order& order) {
  std::error_code error;
  std::filesystem::create_directories(folder_ / "epochs", error);
  if (error) return Error{Errc::io, folder_.string() + ": " + error.message()};
  const auto lock = FileLock::wait_for(folder_ / "lock");
  if (!lock) return lock.error();
  if (const auto fine = judge(order); !fine) return fine;
  const auto owner = remembered(owner_file(folder_));
  if (!owner) return owner.error();
  if (*owner != order.owner) {
    const auto kept = write_file_atomically(owner_file(folder_), order.owner + "\n", for_us_alone);
    if (!kept) return kept;
  }
  return write_file_atomically(epoch_file(folder_, order.move), std::to_string(order.epoch) + "\n",
                               for_us_alone);
}

void Fence::forget(const MoveId& move) {
  std::error_code ignored;
  std::filesystem::remove(epoch_file(folder_, move), ignored);
}

}  // namespace plimsoll
