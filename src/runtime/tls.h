#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "core/result.h"
#include "runtime/files.h"

namespace plimsoll {

/// One connection's TLS, without the socket's waiting: each call goes as far as the socket lets it
/// and says what to wait for. It reads and writes the socket itself, so that an idle connection
/// holds no buffers (about 15 kB in all).
///
/// Source: OpenSSL 3, SSL_do_handshake(3), SSL_get_error(3).
/// Thread: one at a time.
class TlsSession {
 public:
  enum class Next {
    done,        ///< `bytes` were read or written; the handshake is over.
    wait_read,   ///< Call again when the socket can be read,
    wait_write,  ///< when it can be written.
    end,         ///< The other side has said that nothing more comes.
    failed,      ///< problem() says why.
  };
  struct Step {
    Next next = Next::failed;
    std::size_t bytes = 0;
  };

  struct Impl;
  explicit TlsSession(std::unique_ptr<Impl> impl);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// `fd`: the connection's socket; -1 once it is closed.
  [[nodiscard]] Step handshake(int fd);
  [[nodiscard]] Step read(int fd, void* into, std::size_t bytes);
  /// Where it has to wait, the same bytes must be given again.
  [[nodiscard]] Step write(int fd, const void* from, std::size_t bytes);
  /// Whether the connection is open and nothing lies there to be read.
  [[nodiscard]] bool is_quiet(int fd);
  /// Says goodbye, as far as that goes without waiting.
  void close(int fd);

  /// Why the last call failed, for people.
  [[nodiscard]] const std::string& problem() const;
  /// Whether it failed since the other side speaks something else, such as HTTP without TLS.
  [[nodiscard]] bool is_not_tls() const;

 private:
  std::unique_ptr<Impl> impl_;
};

/// A server's certificate and key (PEM), followed while they are replaced: new sessions take the
/// new pair. TLS 1.2 and 1.3, forward secrecy and AEAD ciphers only; no tickets, no renegotiation.
/// Thread: one.
class TlsIdentity {
 public:
  /// Errors: as read_file; invalid - not PEM, encrypted, or key and certificate do not belong
  /// together; the message names the file.
  [[nodiscard]] static Result<std::shared_ptr<TlsIdentity>> load(std::filesystem::path cert,
                                                                 std::filesystem::path key);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  /// Looks whether the files have changed and takes them over when they are a good pair. To be
  /// called every second or so. A pair that is still bad the second time it is looked at, when
  /// whoever replaces the files has had time for both, is logged once; the old one stays in force.
  void refresh();

  [[nodiscard]] Result<std::unique_ptr<TlsSession>> new_session() const;

 private:
  struct Impl;
  explicit TlsIdentity(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What the certificates of servers are checked against.
/// Thread: one.
class TlsTrust {
 public:
  using Clock = std::chrono::steady_clock;

  /// The authorities in a PEM file, read again when it changes; "" - those of the system.
  /// Errors: as read_file; invalid - no certificate in it.
  [[nodiscard]] static Result<std::shared_ptr<TlsTrust>> load(std::filesystem::path ca_file);
  /// Those of the system, made on first use.
  [[nodiscard]] static Result<std::shared_ptr<TlsTrust>> system();
  ~TlsTrust();
  TlsTrust(const TlsTrust&) = delete;
  TlsTrust& operator=(const TlsTrust&) = delete;

  /// A session whose handshake fails unless the certificate is for `host`, a DNS name or an IP
  /// address.
  [[nodiscard]] Result<std::unique_ptr<TlsSession>> new_session(
      const std::string& host, Clock::time_point now = Clock::now());

 private:
  struct Impl;
  explicit TlsTrust(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
