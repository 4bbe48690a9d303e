#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/time.h"
#include "runtime/asio.h"
#include "telemetry/wire_legacy.h"

namespace plimsoll {

struct RttConfig {
  int probes = 4;
  Duration probe_timeout{1'000};
  Duration lookup_timeout{1'000};
  std::uint16_t tcp_port = 5002;  ///< Connected to where ICMP is not allowed; refused counts too.
};

/// Round trips from here to other hosts, all at once.
class RttMeter {
 public:
  RttMeter(asio::any_io_executor executor, RttConfig config);

  /// A report for each, in their order; a host that does not answer has loss 1.
  [[nodiscard]] Task<std::vector<RttReport>> measure(std::vector<std::string> hosts);

 private:
  struct Batch;

  static Task<> measure_into(std::shared_ptr<Batch> batch, std::size_t index);
  static Task<std::optional<asio::ip::address>> resolve(std::shared_ptr<Batch> batch,
                                                        std::string host);

  asio::any_io_executor executor_;
  RttConfig config_;
  /// Lookups that a hanging name service has not let go of yet.
  std::shared_ptr<std::size_t> lookups_ = std::make_shared<std::size_t>(0);
};

}  // namespace plimsoll
