#include "inventory/file_watch.h"

namespace plimsoll {
namespace {

// A change that only looking sees is taken when two looks agree: at most twice this.
constexpr Duration look_every{250};

}  // namespace

FileWatch::FileWatch(const asio::any_io_executor& executor, std::filesystem::path file)
    : file_(std::move(file)), folder_(executor, file_), known_(file_stamp(file_)) {}

Task<bool> FileWatch::wait() {
  co_await asio::this_coro::throw_if_cancelled(false);
  FileStamp looked = known_;
  for (;;) {
    const auto seen = co_await folder_.wait(look_every);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return false;
    const FileStamp now = file_stamp(file_);
    const bool settled = now != known_ && now == looked;
    looked = now;
    if (seen != FolderSeen::change && !settled) continue;
    known_ = now;
    co_return true;
  }
}

}  // namespace plimsoll
