#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/time.h"
#include "inventory/agent_credentials.h"
#include "monitor/point_queue.h"
#include "runtime/secret_file.h"

namespace plimsoll {

/// The section [monitor] of plimsoll.toml, and bounds of ours.
struct MonitorConfig {
  Duration interval{5'000};  ///< Between two polls of one host. Zero is refused.
  Duration timeout{3'000};   ///< For one poll, connecting too. Not longer than the interval.
  /// A host that is down is asked at least so often, and at each interval where that is longer.
  Duration backoff_max{30'000};
  std::size_t body_bytes_max = 2U << 20;  ///< Of one answer; monitor.answer_bytes_max.
  /// What long answers that are under way may take together, beyond 64 KiB each.
  std::size_t bodies_bytes_max = 48U << 20;
  /// Polls under way at once; what is due beyond waits. Each holds a connection and its buffers.
  std::size_t polls_max = 4'000;
  /// Connections that are kept open between two polls; 0: as many as there are hosts.
  std::size_t connections_max = 0;
  PointQueueConfig spool;  ///< store.spool_bytes, store.spool_age; data_dir/spool.
  std::size_t batch_points_max =
      1'000;                    ///< Written at once; more take the loop's time from the polls.
  Duration batch_every{1'000};  ///< Written at the latest, full or not.
  Duration retry_first{1'000};  ///< After a failed write; doubles up to retry_max.
  Duration retry_max{30'000};
  Duration flush_timeout{5'000};  ///< For what is left in the queue at the end.
  /// An agent that did not know v1/telemetry is asked again after so long: it may be updated.
  Duration legacy_retry{300'000};
  AgentCredentials agents;       ///< Token and TLS of the fleet's agents.
  bool container_id_tag = true;  ///< As StoreConfig::container_id_tag.
  /// ADDRESS:PORT of /metrics and /v1/hosts. Empty: not served.
  std::string listen;
  Secret listen_token;  ///< What readers of `listen` must present. Empty: nothing.
};

}  // namespace plimsoll
