#pragma once

#include <map>
#include <optional>
#include <string>

#include "inventory/host_list.h"
#include "monitor/agent_client.h"
#include "telemetry/reading.h"

namespace plimsoll {

/// The newest that is known of one host.
struct LiveHost {
  std::optional<HostReading> reading;  ///< Of the last poll that was answered.
  std::optional<TimePoint> last_seen;
  std::optional<TimePoint> last_polled;
  bool up = false;
  std::string error;  ///< Of the last poll; empty: it was answered.
};

/// The newest of every host, in memory. Lost with the process: whoever needs more asks the store.
class LiveFleet {
 public:
  /// Notes a poll; whether the host came up or went down by it.
  bool note(const HostId& host, const PollOutcome& outcome, TimePoint at);
  void forget(const HostId& host) { hosts_.erase(host); }

  [[nodiscard]] const std::map<HostId, LiveHost>& hosts() const { return hosts_; }

 private:
  std::map<HostId, LiveHost> hosts_;
};

}  // namespace plimsoll
