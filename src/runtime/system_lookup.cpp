#include "runtime/system_lookup.h"

#include <netdb.h>

#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace plimsoll {
namespace {

constexpr std::size_t threads_max = 4;
constexpr std::size_t waiting_max = 1'000;
/// getaddrinfo tells none.
constexpr Duration assumed_ttl{60'000};

struct Job {
  std::string name;
  NameLookup::Done done;
};

asio::ip::address address_of(const sockaddr* from) {
  asio::ip::tcp::endpoint endpoint;
  const std::size_t size = from->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  std::memcpy(endpoint.data(), from, size);
  return endpoint.address();
}

Result<ResolvedName> ask(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (failed == EAI_NONAME || failed == EAI_NODATA) {
    return Error{Errc::not_found, "there is no such name"};
  }
  if (failed != 0) return Error{Errc::unreachable, ::gai_strerror(failed)};
  ResolvedName found{{}, assumed_ttl};
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    const bool ip = entry->ai_family == AF_INET || entry->ai_family == AF_INET6;
    if (ip) found.addresses.push_back(address_of(entry->ai_addr));
  }
  ::freeaddrinfo(list);
  if (found.addresses.empty()) return Error{Errc::not_found, "the name has no address"};
  return found;
}

}  // namespace

struct SystemLookup::State {
  std::mutex mutex;
  std::deque<Job> waiting;
  std::size_t threads = 0;
  bool abandoned = false;

  /// Takes names until none waits.
  static void work(const std::shared_ptr<State>& self) {
    for (;;) {
      Job job;
      {
        const std::scoped_lock lock{self->mutex};
        if (self->waiting.empty() || self->abandoned) {
          --self->threads;
          return;
        }
        job = std::move(self->waiting.front());
        self->waiting.pop_front();
      }
      auto result = ask(job.name);
      const std::scoped_lock lock{self->mutex};
      if (!self->abandoned) job.done(std::move(result));
    }
  }
};

SystemLookup::SystemLookup() : state_(std::make_shared<State>()) {}

SystemLookup::~SystemLookup() {
  const std::scoped_lock lock{state_->mutex};
  state_->abandoned = true;
  state_->waiting.clear();
}

void SystemLookup::look_up(std::string name, Done done) {
  {
    const std::scoped_lock lock{state_->mutex};
    if (state_->waiting.size() < waiting_max) {
      state_->waiting.push_back({std::move(name), std::move(done)});
      if (state_->threads == threads_max) return;
      ++state_->threads;
      // Detached: a call of getaddrinfo that hangs must not hold up the program's end.
      std::thread{[state = state_] { State::work(state); }}.detach();
      return;
    }
  }
  done(Error{Errc::refused, "too many names wait for the system's resolver"});
}

}  // namespace plimsoll
