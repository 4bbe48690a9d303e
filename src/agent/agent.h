#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/time.h"
#include "runtime/asio.h"

namespace plimsoll {

struct AgentConfig {
  std::string listen = "0.0.0.0:5002";
  /// The engine's API, "unix:///PATH" or "tcp://HOST:PORT". "" - no engine on this host.
  std::string docker = "unix:///var/run/docker.sock";
  /// Time between samples. 100 ms to 1 h.
  Duration sample_every{1'000};
  /// A cgroup, "/NAME", reported as the host. "" - the whole machine.
  std::string scope;
  /// Where the host's root is seen.
  std::filesystem::path root = "/";
  /// Holds the tokens of which callers must present one (SecretFile). "" - no token.
  std::string token_file;
  /// PEM files; both or none. Followed while they are replaced.
  std::string tls_cert, tls_key;
  /// What the certificates of other agents are checked against (POST /v1/probe). "" - the system's
  /// authorities.
  std::string tls_ca;
};

/// The daemon of one host: samples on a thread of its own, follows Docker, serves HTTP.
class Agent {
 public:
  explicit Agent(AgentConfig config);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Serves until it is cancelled, which is success.
  /// Errors: invalid - a key of the configuration, named; conflict - the port is in use; as
  /// read_secret for the token.
  [[nodiscard]] Task<Result<void>> run();

  /// 0 before it serves.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
