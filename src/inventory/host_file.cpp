#include "inventory/host_file.h"

#include "inventory/file_watch.h"
#include "runtime/files.h"
#include "runtime/log.h"

namespace plimsoll {
namespace {

constexpr std::size_t bytes_max = 16U << 20;

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
    auto hosts = read_hosts(path_);
    if (!hosts) return hosts.error();
    hosts_ = std::move(*hosts);
    return {};
  }

  Task<> watch(HostListListener* listener) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto executor = co_await asio::this_coro::executor;
    FileWatch file{executor, path_};
    reload(listener);  // what happened before the watch began
    for (;;) {
      const bool changed = co_await file.wait();
      if (!changed) co_return;
      reload(listener);
    }
  }

  [[nodiscard]] const HostList& hosts() const { return hosts_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void reload(HostListListener* listener) {
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
