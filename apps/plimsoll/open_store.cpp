#include "open_store.h"

#include "runtime/log.h"
#include "spool/disk_fs.h"

namespace plimsoll {

bool is_waited_out(const Error& error, Absence absence) {
  if (absence == Absence::fails) return false;
  return error.code == Errc::unreachable || error.code == Errc::timeout ||
         (absence == Absence::is_waited_out_with_disk && error.code == Errc::io);
}

Task<Result<OpenedStore>> open_store(Config config, Absence absence) {
  const auto executor = co_await asio::this_coro::executor;
  auto made = make_store(executor, config.store);
  if (!made) co_return made.error();
  OpenedStore opened;
  opened.store = std::move(*made);
  const auto result = co_await opened.store->open();
  if (result) co_return opened;
  if (!is_waited_out(result.error(), absence)) co_return result.error();
  log::error("{}; points wait, trying again", result.error().message);
  opened.state = StoreState::closed;
  co_return opened;
}

Result<void> try_spool(const Config& config) {
  const auto folder = DiskFs::open(config.monitor.spool.folder);
  if (!folder) return folder.error();
  return {};
}

}  // namespace plimsoll
