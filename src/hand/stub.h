#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "hand/detached.h"
#include "hand/hand_context.h"
#include "runtime/asio.h"

namespace plimsoll {

/// A published TCP port of the old host, and where it leads from now on.
struct StubPort {
  asio::ip::tcp::endpoint listen;
  asio::ip::tcp::endpoint to;
};

struct StubSpec {
  std::vector<StubPort> ports;
  Duration lasts{3'600'000};
  Duration hold{30'000};  ///< How long a connection waits for the destination to answer.
  /// Takes new connections over before the ports are free, by a rule of the packet filter, so that
  /// none is refused while the container here stops. Decision 0067.
  bool divert = false;
  std::size_t connections_max = 4096;
};

/// {"ports": [{"listen": "0.0.0.0:8080", "to": "10.77.0.12:8080"}], "seconds": 3600, "hold_s": 30,
///  "divert": true, "connections_max": 4096}; all but "ports" may be left out.
/// Errors: invalid - what is wrong, by name; UDP ports too: they are not forwarded.
[[nodiscard]] Result<StubSpec> parse_stub_spec(std::string_view text);

/// What a stub has done so far.
struct StubStatus {
  bool running = false;
  std::size_t ports = 0;
  std::size_t listening = 0;  ///< Ports that it holds; the others are still held by the container.
  bool diverts = false;
  std::uint64_t hits = 0;         ///< Connections accepted.
  std::uint64_t open = 0;         ///< Of these, now.
  std::uint64_t unanswered = 0;   ///< Closed since the destination did not answer in time.
  std::uint64_t turned_away = 0;  ///< Closed at once: too many.
  std::string problem;            ///< Why a port is not held or nothing is diverted.
};
[[nodiscard]] std::string stub_json(const StubStatus& status);
/// Errors: malformed.
[[nodiscard]] Result<StubStatus> parse_stub_status(std::string_view text);

/// Starts the stub of the order's move as a detached process, in place of one it has already.
/// Errors: io.
[[nodiscard]] Task<Result<StubStatus>> start_stub(const HandContext* context, std::string spec,
                                                  JobStarter start = start_detached);
[[nodiscard]] Result<StubStatus> stub_status(const HandContext& context);
/// Ends it, and with it what it forwards; its ports are free and its rules are gone when this
/// returns. None there is fine. Errors: io - it does not end.
[[nodiscard]] Task<Result<StubStatus>> stop_stub(const HandContext* context);

/// Ends whatever stubs, of any move, hold one of these ports: what comes to this host needs them.
/// Gives how many. Errors: io - one does not end.
[[nodiscard]] Task<Result<std::size_t>> free_ports(const HandContext* context,
                                                   std::vector<std::uint16_t> ports);

/// What the detached process does, until its time is over or SIGTERM comes.
[[nodiscard]] Task<Result<void>> keep_stub(const HandContext* context);

}  // namespace plimsoll
