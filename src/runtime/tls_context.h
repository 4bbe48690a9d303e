#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/result.h"
#include "runtime/tls.h"

// Between the TLS files of this module alone: no other header names OpenSSL.

namespace plimsoll {

struct FreeSslContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;

/// The newest thing OpenSSL has to say on this thread, or `otherwise`; its queue is empty then.
[[nodiscard]] std::string take_ssl_problem(const char* otherwise);

/// A context with our versions and ciphers and nothing kept between connections.
/// Errors: io - out of memory, or an OpenSSL that lacks them.
[[nodiscard]] Result<SslContext> make_ssl_context(const SSL_METHOD* method);

/// With the certificates and the key of two PEM files.
/// Errors: as TlsIdentity::load.
[[nodiscard]] Result<SslContext> make_server_context(const std::filesystem::path& cert,
                                                     const std::filesystem::path& key);

/// Errors: as TlsTrust::load.
[[nodiscard]] Result<SslContext> make_client_context(const std::filesystem::path& ca_file);

/// When the certificate in force ends, as "Nov 22 15:41:01 2027 GMT".
[[nodiscard]] std::string end_of_certificate(const SSL_CTX* context);

/// A connection over `context`. Errors: io.
[[nodiscard]] Result<std::unique_ptr<TlsSession>> make_server_session(SSL_CTX* context);
[[nodiscard]] Result<std::unique_ptr<TlsSession>> make_client_session(SSL_CTX* context,
                                                                      const std::string& host);

}  // namespace plimsoll
