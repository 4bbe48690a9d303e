#pragma once

#include <cstddef>
#include <string>

#include "core/time.h"

namespace plimsoll {

/// The section [monitor] of plimsoll.toml, and bounds of ours.
struct MonitorConfig {
  Duration interval{5'000};  ///< Between two polls of one host. Zero is refused.
  Duration timeout{3'000};   ///< For one poll, connecting too. Not longer than the interval.
  std::size_t body_bytes_max = 8U << 20;   ///< Of one answer.
  std::size_t queue_points_max = 500'000;  ///< Waiting for the store; older ones are dropped.
  std::size_t batch_points_max = 5'000;    ///< Written at once.
  Duration batch_every{1'000};             ///< Written at the latest, full or not.
  Duration retry_first{1'000};             ///< After a failed write; doubles up to retry_max.
  Duration retry_max{30'000};
  Duration flush_timeout{5'000};  ///< For what is left in the queue at the end.
  /// An agent that did not know v1/telemetry is asked again after so long: it may be updated.
  Duration legacy_retry{300'000};
  std::string token;  ///< Sent to agents as "Authorization: Bearer TOKEN". Empty: not sent.
  bool container_id_tag = true;  ///< As StoreConfig::container_id_tag.
};

}  // namespace plimsoll
