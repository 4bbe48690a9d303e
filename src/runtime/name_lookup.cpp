#include "runtime/name_lookup.h"

#include <ares.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

#include "runtime/system_lookup.h"

namespace plimsoll {
namespace {

/// What the hosts file says holds for ever.
constexpr Duration longest_ttl = std::chrono::hours{24};
constexpr int longest_wait_ms = 1'000;

Errc errc_of(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME:
    case ARES_ENONAME:
      return Errc::not_found;
    case ARES_ETIMEOUT:
      return Errc::timeout;
    default:
      return Errc::unreachable;
  }
}

asio::ip::address address_of(const sockaddr* from) {
  asio::ip::tcp::endpoint endpoint;
  const std::size_t size = from->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  std::memcpy(endpoint.data(), from, size);
  return endpoint.address();
}

Result<ResolvedName> result_of(int status, const ares_addrinfo* info) {
  if (status != ARES_SUCCESS) return Error{errc_of(status), ares_strerror(status)};
  ResolvedName found{{}, longest_ttl};
  for (const auto* node = info->nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
    found.addresses.push_back(address_of(node->ai_addr));
    found.ttl = std::min(found.ttl, Duration{std::chrono::seconds{std::max(node->ai_ttl, 0)}});
  }
  if (found.addresses.empty()) return Error{Errc::not_found, "the name has no address"};
  return found;
}

/// Changes when the machine's name servers do.
std::pair<ino_t, std::int64_t> resolver_stamp() {
  struct stat info {};
  if (::stat("/etc/resolv.conf", &info) != 0) return {};
  return {info.st_ino, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

/// One channel of c-ares and the descriptors it waits on. Used from one thread.
class AresChannel {
 public:
  explicit AresChannel(const NameLookupConfig& config) : config_(config) {
    ares_library_init(ARES_LIB_INIT_ALL);
    open();
  }
  ~AresChannel() {
    ended_ = true;
    close();
    ares_library_cleanup();
  }
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;

  void look_up(const std::string& name, NameLookup::Done done);
  /// c-ares reads the machine's configuration once; a laptop's changes with each network.
  void follow_configuration() {
    if (!config_.servers.empty() || resolver_stamp() == stamp_) return;
    close();
    open();
  }
  /// Waits for answers, at most a second, or until `wake` can be read.
  void run_once(int wake);

 private:
  struct Job {
    AresChannel* channel;
    NameLookup::Done done;
  };

  void open();
  void close() {
    if (channel_ != nullptr) ares_destroy(channel_);
    channel_ = nullptr;
  }
  [[nodiscard]] int wait_ms() const;
  static void socket_changed(void* self, ares_socket_t socket, int readable, int writable);
  static void answered(void* job, int status, int timeouts, ares_addrinfo* info);

  NameLookupConfig config_;
  ares_channel channel_ = nullptr;
  bool ended_ = false;
  std::pair<ino_t, std::int64_t> stamp_;
  std::map<ares_socket_t, short> sockets_;  // what to wait for
};

void AresChannel::open() {
  stamp_ = resolver_stamp();
  ares_options options{};
  options.timeout = static_cast<int>(config_.timeout.count());
  options.tries = config_.tries;
  options.sock_state_cb = socket_changed;
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&channel_, &options, mask) != ARES_SUCCESS) {
    channel_ = nullptr;
  } else if (!config_.servers.empty()) {
    ares_set_servers_ports_csv(channel_, config_.servers.c_str());
  }
}

void AresChannel::socket_changed(void* self, ares_socket_t socket, int readable, int writable) {
  auto& sockets = static_cast<AresChannel*>(self)->sockets_;
  if (readable == 0 && writable == 0) {
    sockets.erase(socket);
    return;
  }
  const int events = (readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0);
  sockets[socket] = static_cast<short>(events);
}

void AresChannel::answered(void* job, int status, int /*timeouts*/, ares_addrinfo* info) {
  const std::unique_ptr<Job> asked{static_cast<Job*>(job)};
  auto result = result_of(status, info);
  if (info != nullptr) ares_freeaddrinfo(info);
  if (!asked->channel->ended_) asked->done(std::move(result));
}

void AresChannel::look_up(const std::string& name, NameLookup::Done done) {
  if (channel_ == nullptr) {
    done(Error{Errc::unreachable, "the resolver's configuration cannot be read"});
    return;
  }
  auto job = std::make_unique<Job>(Job{this, std::move(done)});
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, answered, job.release());
}

int AresChannel::wait_ms() const {
  timeval longest{longest_wait_ms / 1000, 0};
  timeval storage{};
  const auto* next = ares_timeout(channel_, &longest, &storage);
  const auto ms = next->tv_sec * 1000 + next->tv_usec / 1000 + 1;
  return static_cast<int>(std::min<decltype(ms)>(ms, longest_wait_ms));
}

void AresChannel::run_once(int wake) {
  std::vector<pollfd> waited{{wake, POLLIN, 0}};
  for (const auto& [socket, events] : sockets_) waited.push_back({socket, events, 0});
  const bool idle = channel_ == nullptr || sockets_.empty();
  ::poll(waited.data(), waited.size(), idle ? -1 : wait_ms());
  if (channel_ == nullptr) return;
  for (std::size_t i = 1; i < waited.size(); ++i) {
    const auto& one = waited[i];
    const bool failed = (one.revents & (POLLERR | POLLHUP)) != 0;
    const bool readable = failed || (one.revents & POLLIN) != 0;
    const bool writable = failed || (one.revents & POLLOUT) != 0;
    if (!readable && !writable) continue;
    ares_process_fd(channel_, readable ? one.fd : ARES_SOCKET_BAD,
                    writable ? one.fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // time-outs
}

/// The thread, and what is handed to it.
class AresLookup final : public NameLookup {
 public:
  explicit AresLookup(const NameLookupConfig& config)
      : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        ask_system_(config.ask_system),
        thread_([this, config] { run(config); }) {}
  ~AresLookup() override {
    {
      const std::scoped_lock lock{mutex_};
      stopped_ = true;
    }
    wake();
    thread_.join();
    ::close(wake_);
  }
  AresLookup(const AresLookup&) = delete;
  AresLookup& operator=(const AresLookup&) = delete;

  void look_up(std::string name, Done done) override;

 private:
  struct Job {
    std::string name;
    Done done;
  };

  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  }
  void run(const NameLookupConfig& config);
  bool take(std::vector<Job>& jobs);

  int wake_;
  bool ask_system_;
  SystemLookup system_;
  std::mutex mutex_;
  std::vector<Job> waiting_;
  bool stopped_ = false;
  std::thread thread_;  // the last: it uses the others
};

void AresLookup::look_up(std::string name, Done done) {
  if (ask_system_ && name.ends_with(".local")) {
    system_.look_up(std::move(name), std::move(done));
    return;
  }
  if (ask_system_) {
    done = [this, name, told = std::move(done)](Result<ResolvedName> result) {
      const bool unknown = !result && result.error().code == Errc::not_found;
      unknown ? system_.look_up(name, told) : told(std::move(result));
    };
  }
  {
    const std::scoped_lock lock{mutex_};
    waiting_.push_back({std::move(name), std::move(done)});
  }
  wake();
}

bool AresLookup::take(std::vector<Job>& jobs) {
  std::uint64_t wakes = 0;
  [[maybe_unused]] const auto got = ::read(wake_, &wakes, sizeof wakes);
  const std::scoped_lock lock{mutex_};
  jobs.swap(waiting_);
  return !stopped_;
}

void AresLookup::run(const NameLookupConfig& config) {
  AresChannel channel{config};
  std::vector<Job> jobs;
  while (take(jobs)) {
    if (!jobs.empty()) channel.follow_configuration();
    for (auto& job : jobs) channel.look_up(job.name, std::move(job.done));
    jobs.clear();
    channel.run_once(wake_);
  }
}

}  // namespace

std::shared_ptr<NameLookup> make_name_lookup(const NameLookupConfig& config) {
  return std::make_shared<AresLookup>(config);
}

}  // namespace plimsoll
