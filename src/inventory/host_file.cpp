#include "inventory/host_file.h"

#include <sys/stat.h>

#include <optional>
#include <tuple>

#include "inventory/folder_watch.h"
#include "runtime/files.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

// A change that only polling sees is taken when two looks agree, so that a file half written is
// not: at most twice this.
constexpr Duration poll_every{250};
constexpr std::size_t bytes_max = 16U << 20;

// What changes when a file is written or replaced; nothing where it is gone.
using Stamp = std::optional<std::tuple<dev_t, ino_t, off_t, time_t, long>>;

Stamp stamp_of(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return std::tuple{info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                    info.st_mtim.tv_nsec};
}

Result<HostList> read_hosts(const std::filesystem::path& path) {
  const auto text = read_file(path, bytes_max);
  if (!text) return text.error();
  return parse_host_list(*text, path.string());
}

}  // namespace

class HostFile::Impl {
 public:
  explicit Impl(std::filesystem::path path) : path_(std::move(path)) {}

  Result<void> load() {
    stamp_ = stamp_of(path_);
    auto hosts = read_hosts(path_);
    if (!hosts) return hosts.error();
    hosts_ = std::move(*hosts);
    return {};
  }

  Task<> watch(HostListListener* listener) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto executor = co_await asio::this_coro::executor;
    FolderWatch folder{executor, path_};
    reload(listener);  // what happened before the watch began
    Stamp looked = stamp_;
    for (;;) {
      const auto seen = co_await folder.wait(poll_every);
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return;
      const Stamp now = stamp_of(path_);
      const bool settled = now != stamp_ && now == looked;
      looked = now;
      if (seen == FolderSeen::change || settled) reload(listener);
    }
  }

  [[nodiscard]] const HostList& hosts() const { return hosts_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void reload(HostListListener* listener) {
    stamp_ = stamp_of(path_);
    auto read = read_hosts(path_);
    if (!read) return keep(read.error());
    problem_.clear();
    const auto edit = diff(hosts_, *read);
    hosts_ = std::move(*read);
    if (edit.empty()) return;
    log::info("{}: {} hosts: {} added, {} removed, {} changed", path_.string(), hosts_.size(),
              edit.added.size(), edit.removed.size(), edit.changed.size());
    listener->hosts_changed(hosts_, edit);
  }

  void keep(const Error& error) {
    if (error.message == problem_) return;
    problem_ = error.message;
    std::string_view rest = problem_;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      log::error("{}", line);
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    log::error("{}: the list of before stays in force, {} hosts", path_.string(), hosts_.size());
  }

  std::filesystem::path path_;
  Stamp stamp_;
  HostList hosts_;
  std::string problem_;
};

HostFile::HostFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HostFile::~HostFile() = default;
HostFile::HostFile(HostFile&&) noexcept = default;

Result<HostFile> HostFile::open(std::filesystem::path path) {
  auto impl = std::make_unique<Impl>(std::move(path));
  if (auto loaded = impl->load(); !loaded) return loaded.error();
  return HostFile{std::move(impl)};
}

const HostList& HostFile::hosts() const { return impl_->hosts(); }
const std::string& HostFile::problem() const { return impl_->problem(); }

Task<> HostFile::watch(HostListListener* listener) { return impl_->watch(listener); }

}  // namespace plimsoll
