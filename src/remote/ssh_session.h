#pragma once

#include <memory>
#include <string>
#include <vector>

#include "inventory/host_list.h"
#include "remote/remote_command.h"
#include "remote/ssh_config.h"
#include "runtime/asio.h"
#include "runtime/http.h"
#include "runtime/process.h"

namespace plimsoll {

/// One shared SSH connection to a host, by OpenSSH's own client (a control master), with the
/// host's Docker socket forwarded to a socket of ours. Strict host keys, no password, no prompt.
/// Destroying it ends the connection.
class SshSession {
 public:
  /// Errors: what explain_ssh_failure makes of ssh's words; timeout after
  /// SshConfig::connect_timeout; not_found - ssh is not installed here.
  [[nodiscard]] static Task<Result<std::unique_ptr<SshSession>>> open(
      asio::any_io_executor executor, Host host, SshConfig config);
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  /// Runs a command there. Its exit code is in the result: not zero is no error here.
  [[nodiscard]] Task<Result<ProcessResult>> run(RemoteCommand command, ProcessOptions options);
  /// Starts a command there, for streams.
  [[nodiscard]] Result<ChildProcess> spawn(const RemoteCommand& command);
  /// Starts a command there that listens on a socket and says so, {"ready": true, "socket": PATH},
  /// and leads a socket of ours to it (hand/gate.h). Both live as long as this session; the command
  /// ends with it, since its input does.
  /// Errors: as its own {"ok": false, …}; timeout; and ssh's.
  [[nodiscard]] Task<Result<HttpTarget>> open_gate(RemoteCommand command);
  /// A port of that host's loopback that leads here, and from here on to `address`, for as long as
  /// this session. Errors: refused - its sshd allows no forwarding; and ssh's.
  [[nodiscard]] Task<Result<std::uint16_t>> reverse_tunnel(std::string address, std::uint16_t port);
  /// The socket here that leads to Docker there, past any gate.
  [[nodiscard]] HttpTarget docker() const;
  [[nodiscard]] const Host& host() const { return host_; }

 private:
  SshSession(asio::any_io_executor executor, Host host, SshConfig config);
  Task<Result<void>> connect();
  Task<Result<void>> connect_failure();
  Task<Result<void>> forward(std::string here, std::string there);
  [[nodiscard]] std::vector<std::string> client(std::vector<std::string> options) const;

  asio::any_io_executor executor_;
  Host host_;
  SshConfig config_;
  std::filesystem::path folder_;
  std::unique_ptr<ChildProcess> master_;
  std::vector<ChildProcess> gates_;
};

/// The words of the ssh command line that reach this host: options, user, port, key; not the
/// command. For whoever prints what a person can type.
[[nodiscard]] std::vector<std::string> ssh_words(const Host& host, const SshConfig& config);

}  // namespace plimsoll
