#pragma once

#include <map>
#include <utility>

#include "core/time.h"
#include "decide/fleet.h"
#include "inventory/agent_credentials.h"
#include "inventory/host_list.h"
#include "runtime/asio.h"

namespace plimsoll {

/// What was measured of the way from one host to another, by asking the first one's agent to send
/// a few megabytes to the second's (POST /v1/probe). Remembers for ten minutes.
class Goodput {
 public:
  Goodput(asio::any_io_executor executor, AgentCredentials agents)
      : executor_(std::move(executor)), agents_(std::move(agents)) {}

  /// Errors: those of the request; refused - the agent could not measure, with its words.
  [[nodiscard]] Task<Result<Link>> measure(Host from, Host to);

 private:
  using Pair = std::pair<HostId, HostId>;
  struct Remembered {
    Link link;
    std::chrono::steady_clock::time_point at;
  };
  asio::any_io_executor executor_;
  AgentCredentials agents_;
  std::map<Pair, Remembered> known_;
};

}  // namespace plimsoll
