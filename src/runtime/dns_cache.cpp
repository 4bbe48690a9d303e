#include "runtime/dns_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace plimsoll {

class DnsCache::Impl : public std::enable_shared_from_this<DnsCache::Impl> {
 public:
  Impl(asio::any_io_executor executor, std::shared_ptr<NameLookup> lookup, DnsCacheConfig config,
       Now now)
      : executor_(std::move(executor)),
        lookup_(std::move(lookup)),
        config_(config),
        now_(std::move(now)) {}

  static Task<Result<HttpAddresses>> resolve(std::shared_ptr<Impl> self, std::string name,
                                             Duration limit);
  HttpAddresses known(const std::string& name);
  void distrust(const std::string& name);
  [[nodiscard]] DnsCounters counters() const { return {lookups_, failures_, names_.size()}; }

 private:
  using Waiter = std::shared_ptr<asio::steady_timer>;

  struct Name {
    HttpAddresses addresses;       // what to use now; null: nothing is known
    std::optional<Error> error;    // why not
    Clock::time_point asked;       // when the last lookup began
    Clock::time_point good_until;  // of addresses or error
    Clock::time_point used;
    bool asking = false;
    std::vector<Waiter> waiters;
  };

  Name& entry(const std::string& name);
  void ask(const std::string& name, Name& entry);
  void refresh(const std::string& name, Name& entry) {
    if (!entry.asking && now_() >= entry.good_until) ask(name, entry);
  }
  void answered(const std::string& name, Result<ResolvedName> result);
  void forget_unused();

  asio::any_io_executor executor_;
  std::shared_ptr<NameLookup> lookup_;
  DnsCacheConfig config_;
  Now now_;
  std::unordered_map<std::string, Name> names_;
  Clock::time_point swept_;
  std::uint64_t lookups_ = 0;
  std::uint64_t failures_ = 0;
};

DnsCache::Impl::Name& DnsCache::Impl::entry(const std::string& name) {
  const auto found = names_.find(name);
  if (found != names_.end()) {
    found->second.used = now_();
    return found->second;
  }
  forget_unused();
  auto& made = names_[name];
  made.used = now_();
  return made;
}

void DnsCache::Impl::forget_unused() {
  if (now_() - swept_ < config_.unused_for / 4) return;
  swept_ = now_();
  std::erase_if(names_, [&](const auto& item) {
    return !item.second.asking && swept_ - item.second.used > config_.unused_for;
  });
}

void DnsCache::Impl::ask(const std::string& name, Name& entry) {
  entry.asking = true;
  entry.asked = now_();
  ++lookups_;
  auto back = [weak = weak_from_this(), executor = executor_, name](Result<ResolvedName> result) {
    asio::post(executor, [weak, name, result = std::move(result)]() mutable {
      if (const auto self = weak.lock()) self->answered(name, std::move(result));
    });
  };
  lookup_->look_up(name, std::move(back));
}

void DnsCache::Impl::answered(const std::string& name, Result<ResolvedName> result) {
  const auto found = names_.find(name);
  if (found == names_.end()) return;
  auto& entry = found->second;
  entry.asking = false;
  if (result) {
    const Duration ttl = std::clamp(result->ttl, config_.ttl_min, config_.ttl_max);
    const bool same = entry.addresses && *entry.addresses == result->addresses;
    if (!same) {
      entry.addresses =
          std::make_shared<std::vector<asio::ip::address>>(std::move(result->addresses));
    }
    entry.error.reset();
    entry.good_until = now_() + ttl;
  } else {
    ++failures_;
    const bool gone = result.error().code == Errc::not_found;
    if (gone) entry.addresses.reset();
    entry.error = result.error().in("cannot resolve the name '" + name + "'");
    entry.good_until = now_() + config_.failed_for;
  }
  for (const auto& waiter : std::exchange(entry.waiters, {})) waiter->cancel();
}

HttpAddresses DnsCache::Impl::known(const std::string& name) {
  auto& name_entry = entry(name);
  if (!name_entry.addresses) return nullptr;
  refresh(name, name_entry);
  return name_entry.addresses;
}

void DnsCache::Impl::distrust(const std::string& name) {
  const auto found = names_.find(name);
  if (found == names_.end()) return;
  found->second.good_until =
      std::min(found->second.good_until, found->second.asked + config_.ttl_min);
}

Task<Result<HttpAddresses>> DnsCache::Impl::resolve(std::shared_ptr<Impl> self, std::string name,
                                                    Duration limit) {
  if (auto addresses = self->known(name)) co_return addresses;
  {
    auto& entry = self->entry(name);
    self->refresh(name, entry);
    if (!entry.asking && entry.error) co_return *entry.error;
    if (!entry.asking) self->ask(name, entry);
  }
  auto waiter = std::make_shared<asio::steady_timer>(self->executor_, limit);
  self->names_[name].waiters.push_back(waiter);
  co_await waiter->async_wait(asio::as_tuple(asio::use_awaitable));
  const auto found = self->names_.find(name);
  if (found == self->names_.end()) {
    co_return Error{Errc::cancelled, "resolving the name '" + name + "' was given up"};
  }
  std::erase(found->second.waiters, waiter);
  if (found->second.addresses) co_return found->second.addresses;
  if (!found->second.asking && found->second.error) co_return *found->second.error;
  co_return Error{Errc::timeout, fmt::format("resolving the name '{}' takes more than {}", name,
                                             format_duration(limit))};
}

DnsCache::DnsCache(asio::any_io_executor executor, std::shared_ptr<NameLookup> lookup,
                   DnsCacheConfig config, Now now)
    : impl_(
          std::make_shared<Impl>(std::move(executor), std::move(lookup), config, std::move(now))) {}
DnsCache::~DnsCache() = default;

Task<Result<HttpAddresses>> DnsCache::resolve(std::string name, Duration limit) {
  boost::system::error_code not_an_address;
  const auto address = asio::ip::make_address(name, not_an_address);
  if (not_an_address) co_return co_await Impl::resolve(impl_, std::move(name), limit);
  co_return std::make_shared<const std::vector<asio::ip::address>>(1, address);
}

HttpAddresses DnsCache::known(const std::string& name) { return impl_->known(name); }

void DnsCache::distrust(const std::string& name) { impl_->distrust(name); }

DnsCounters DnsCache::counters() const { return impl_->counters(); }

}  // namespace plimsoll
