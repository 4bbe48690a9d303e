#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "runtime/tls_context.h"

namespace plimsoll {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

}  // namespace

struct TlsSession::Impl {
  std::unique_ptr<SSL, FreeSsl> ssl;
  int fd = -1;
  int socket_errno = 0;
  bool shaken = false;
  bool not_tls = false;
  std::string problem;

  Step step(int result, std::size_t bytes);
  [[nodiscard]] std::string words(int kind);
};

namespace {

// OpenSSL's own socket BIO keeps the descriptor's number, which may be another connection's by the
// time a late call comes, and writes in a way that can raise SIGPIPE.
TlsSession::Impl& session_of(BIO* bio) {
  return *static_cast<TlsSession::Impl*>(BIO_get_data(bio));
}

int note_result(BIO* bio, ssize_t n, std::size_t* done) {
  *done = n > 0 ? static_cast<std::size_t>(n) : 0;
  BIO_clear_retry_flags(bio);
  if (n > 0) return 1;
  auto& session = session_of(bio);
  session.socket_errno = n < 0 ? errno : 0;
  return 0;
}

bool would_block(ssize_t n) { return n < 0 && (errno == EAGAIN || errno == EINTR); }

int bio_read(BIO* bio, char* into, std::size_t bytes, std::size_t* done) {
  const ssize_t n = ::recv(session_of(bio).fd, into, bytes, MSG_DONTWAIT);
  const bool again = would_block(n);
  const int result = note_result(bio, n, done);
  if (again) BIO_set_retry_read(bio);
  if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return result;
}

int bio_write(BIO* bio, const char* from, std::size_t bytes, std::size_t* done) {
  const ssize_t n = ::send(session_of(bio).fd, from, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
  const bool again = would_block(n);
  const int result = note_result(bio, n, done);
  if (again) BIO_set_retry_write(bio);
  return result;
}

long bio_ctrl(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "plimsoll socket");
    BIO_meth_set_read_ex(made, bio_read);
    BIO_meth_set_write_ex(made, bio_write);
    BIO_meth_set_ctrl(made, bio_ctrl);
    return made;
  }();
  return method;
}

Result<std::unique_ptr<TlsSession::Impl>> make_impl(SSL_CTX* context) {
  auto impl = std::make_unique<TlsSession::Impl>();
  impl->ssl.reset(SSL_new(context));
  BIO* bio = impl->ssl ? BIO_new(socket_method()) : nullptr;
  if (bio == nullptr) return Error{Errc::io, "TLS: " + take_ssl_problem("out of memory")};
  BIO_set_data(bio, impl.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(impl->ssl.get(), bio, bio);
  return impl;
}

bool is_ip(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

/// What the macro SSL_set_tlsext_host_name does, whose cast we warn of.
bool send_name(SSL* ssl, std::string host) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

}  // namespace

std::string TlsSession::Impl::words(int kind) {
  if (const long verified = SSL_get_verify_result(ssl.get()); verified != X509_V_OK) {
    return std::string{"its certificate is not accepted: "} +
           X509_verify_cert_error_string(verified);
  }
  const auto code = ERR_peek_last_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  not_tls = reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST;
  if (not_tls) {
    return "the other side does not speak TLS";
  }
  if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING || (code == 0 && socket_errno == 0)) {
    return "the connection was closed";
  }
  if (kind == SSL_ERROR_SYSCALL && socket_errno != 0) {
    return std::generic_category().message(socket_errno);
  }
  return "TLS: " + take_ssl_problem("failed");
}

TlsSession::Step TlsSession::Impl::step(int result, std::size_t bytes) {
  if (result > 0) return {Next::done, bytes};
  const int kind = SSL_get_error(ssl.get(), result);
  switch (kind) {
    case SSL_ERROR_WANT_READ:
      return {Next::wait_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Next::wait_write, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Next::end, 0};
    default:
      problem = words(kind);
      ERR_clear_error();
      return {Next::failed, 0};
  }
}

TlsSession::TlsSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsSession::~TlsSession() = default;

const std::string& TlsSession::problem() const { return impl_->problem; }

bool TlsSession::is_not_tls() const { return impl_->not_tls; }

TlsSession::Step TlsSession::handshake(int fd) {
  impl_->fd = fd;
  ERR_clear_error();
  const auto step = impl_->step(SSL_do_handshake(impl_->ssl.get()), 0);
  impl_->shaken = step.next == Next::done;
  return step;
}

TlsSession::Step TlsSession::read(int fd, void* into, std::size_t bytes) {
  impl_->fd = fd;
  ERR_clear_error();
  std::size_t done = 0;
  const int result = SSL_read_ex(impl_->ssl.get(), into, bytes, &done);
  return impl_->step(result, done);
}

TlsSession::Step TlsSession::write(int fd, const void* from, std::size_t bytes) {
  impl_->fd = fd;
  ERR_clear_error();
  std::size_t done = 0;
  const int result = SSL_write_ex(impl_->ssl.get(), from, bytes, &done);
  return impl_->step(result, done);
}

bool TlsSession::is_quiet(int fd) {
  impl_->fd = fd;
  ERR_clear_error();
  char byte = 0;
  std::size_t done = 0;
  const int result = SSL_peek_ex(impl_->ssl.get(), &byte, 1, &done);
  return impl_->step(result, done).next == Next::wait_read;
}

void TlsSession::close(int fd) {
  impl_->fd = fd;
  // Before the handshake is over there is nobody to say it to.
  if (fd >= 0 && impl_->shaken && impl_->problem.empty()) SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
}

Result<std::unique_ptr<TlsSession>> make_server_session(SSL_CTX* context) {
  auto impl = make_impl(context);
  if (!impl) return impl.error();
  SSL_set_accept_state((*impl)->ssl.get());
  return std::make_unique<TlsSession>(std::move(*impl));
}

Result<std::unique_ptr<TlsSession>> make_client_session(SSL_CTX* context, const std::string& host) {
  auto impl = make_impl(context);
  if (!impl) return impl.error();
  SSL* ssl = (*impl)->ssl.get();
  const bool set = is_ip(host)
                       ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1
                       : SSL_set1_host(ssl, host.c_str()) == 1 && send_name(ssl, host);
  if (!set) {
    ERR_clear_error();
    return Error{Errc::invalid, "'" + host + "' is no name that a certificate can have"};
  }
  SSL_set_connect_state(ssl);
  return std::make_unique<TlsSession>(std::move(*impl));
}

}  // namespace plimsoll
