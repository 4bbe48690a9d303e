#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/time.h"
#include "runtime/http_client.h"
#include "runtime/name_lookup.h"

namespace plimsoll {

struct DnsCacheConfig {
  Duration ttl_min{5'000};  ///< A name is not asked for more often, whatever the service says.
  Duration ttl_max = std::chrono::minutes{5};  ///< Nor less often, so that a change is followed.
  Duration failed_for{5'000};  ///< A name that could not be resolved is not asked for again.
  Duration unused_for = std::chrono::hours{1};  ///< After that a name is forgotten.
};

struct DnsCounters {
  std::uint64_t lookups = 0;
  std::uint64_t failures = 0;
  std::size_t names = 0;  ///< In the cache now.
};

/// The addresses of names, as new as their TTL says. Who asks for a name that is known never waits:
/// when its time is over it is asked for anew beside the use of what was known, and that goes on
/// being used as long as the name service does not answer.
/// Thread: used from its executor only.
class DnsCache {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  DnsCache(asio::any_io_executor executor, std::shared_ptr<NameLookup> lookup,
           DnsCacheConfig config = {}, Now now = Clock::now);
  ~DnsCache();
  DnsCache(const DnsCache&) = delete;
  DnsCache& operator=(const DnsCache&) = delete;

  /// The addresses of a name; an IP address is its own.
  /// Errors: not_found - no such name; timeout - not known within `limit`; unreachable.
  [[nodiscard]] Task<Result<HttpAddresses>> resolve(std::string name, Duration limit);
  /// What is known without waiting, or nullptr; asks anew where its time is over.
  [[nodiscard]] HttpAddresses known(const std::string& name);
  /// No connection could be made to what is known of the name: it is asked for anew, although not
  /// more often than ttl_min says.
  void distrust(const std::string& name);

  [[nodiscard]] DnsCounters counters() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plimsoll
