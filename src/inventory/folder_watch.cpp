#include "inventory/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "runtime/deadline.h"

namespace plimsoll {
namespace {

constexpr std::uint32_t events_wanted =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

Task<Result<void>> wait_readable(asio::posix::stream_descriptor* descriptor) {
  const auto [error] = co_await descriptor->async_wait(asio::posix::stream_descriptor::wait_read,
                                                       asio::as_tuple(asio::use_awaitable));
  if (error) co_return Error{Errc::cancelled, "waiting for a file: " + error.message()};
  co_return Result<void>{};
}

}  // namespace

FolderWatch::FolderWatch(const asio::any_io_executor& executor, const std::filesystem::path& file)
    : name_(file.filename().string()) {
  const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return;
  inotify_ = std::make_unique<asio::posix::stream_descriptor>(executor, descriptor);
  listen(file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."});
}

void FolderWatch::listen(const std::filesystem::path& folder) {
  const int watch = inotify_add_watch(inotify_->native_handle(), folder.c_str(), events_wanted);
  if (watch < 0) inotify_.reset();
}

Task<FolderSeen> FolderWatch::wait(Duration at_most) {
  if (!inotify_) {
    co_await sleep_for(at_most);
    co_return FolderSeen::nothing;
  }
  auto readable = wait_readable(inotify_.get());
  const auto seen = co_await with_deadline(std::move(readable), at_most, name_);
  co_return seen&& drain() ? FolderSeen::change : FolderSeen::nothing;
}

bool FolderWatch::drain() {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  bool ours = false;
  for (;;) {
    const auto size = ::read(inotify_->native_handle(), buffer.data(), buffer.size());
    if (size <= 0) return ours;
    const char* const end = buffer.data() + size;
    for (const char* at = buffer.data(); at < end;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof event);
      const char* const name = at + sizeof event;
      ours = ours || (event.mask & IN_Q_OVERFLOW) != 0 || (event.len > 0 && name_ == name);
      at = name + event.len;
    }
  }
}

}  // namespace plimsoll
