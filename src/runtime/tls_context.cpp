#include "runtime/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "core/text.h"

namespace plimsoll {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Certificate = std::unique_ptr<X509, FreeX509>;

constexpr std::size_t pem_bytes_max = 1U << 20;
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";  // of TLS 1.2; all of 1.3 are fine

/// OpenSSL would ask at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

Error bad_file(const std::filesystem::path& path, const std::string& what) {
  return {Errc::invalid, path.string() + ": " + what};
}

Result<Bio> open_pem(const std::filesystem::path& path, std::string& text) {
  auto content = read_file(path, pem_bytes_max);
  if (!content) return content.error();
  text = std::move(*content);
  ERR_clear_error();
  Bio bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  if (!bio) return bad_file(path, take_ssl_problem("out of memory"));
  return bio;
}

Certificate next_certificate(BIO* bio) {
  return Certificate{PEM_read_bio_X509(bio, nullptr, no_password, nullptr)};
}

/// The first certificate is the server's own, the rest leads to its authority.
Result<void> use_certificates(SSL_CTX* context, const std::filesystem::path& path) {
  std::string text;
  const auto bio = open_pem(path, text);
  if (!bio) return bio.error();
  const auto own = next_certificate(bio->get());
  if (!own) return bad_file(path, "holds no certificate in PEM form");
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    return bad_file(path, take_ssl_problem("the certificate cannot be used"));
  }
  while (auto next = next_certificate(bio->get())) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return bad_file(path, take_ssl_problem("a certificate of the chain cannot be used"));
    }
  }
  ERR_clear_error();
  return {};
}

Result<void> use_key(SSL_CTX* context, const std::filesystem::path& path) {
  std::string text;
  const auto bio = open_pem(path, text);
  if (!bio) return bio.error();
  const std::unique_ptr<EVP_PKEY, FreeKey> key{
      PEM_read_bio_PrivateKey(bio->get(), nullptr, no_password, nullptr)};
  const bool encrypted = text.find("ENCRYPTED") != std::string::npos;
  OPENSSL_cleanse(text.data(), text.size());
  if (!key) {
    return bad_file(path, encrypted ? "the key is encrypted; write it without a pass phrase, "
                                      "readable by the agent's user alone"
                                    : "holds no private key in PEM form");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    ERR_clear_error();
    return bad_file(path, "does not belong to the certificate");
  }
  return {};
}

Result<void> trust_file(SSL_CTX* context, const std::filesystem::path& path) {
  std::string text;
  const auto bio = open_pem(path, text);
  if (!bio) return bio.error();
  std::size_t count = 0;
  while (const auto next = next_certificate(bio->get())) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), next.get());
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return bad_file(path, "holds no certificate in PEM form");
  return {};
}

}  // namespace

std::string take_ssl_problem(const char* otherwise) {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  const std::string text = reason == nullptr ? otherwise : reason;
  ERR_clear_error();
  return text;
}

Result<SslContext> make_ssl_context(const SSL_METHOD* method) {
  // What the machine's openssl.cnf says is for programs that share its library; ours is built in.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  SslContext context{SSL_CTX_new(method)};
  if (!context) return Error{Errc::io, "TLS: " + take_ssl_problem("out of memory")};
  SSL_CTX* raw = context.get();
  const bool set = SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) == 1 &&
                   SSL_CTX_set_cipher_list(raw, ciphers) == 1;
  if (!set) return Error{Errc::io, "TLS: " + take_ssl_problem("versions and ciphers are missing")};
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

Result<SslContext> make_server_context(const std::filesystem::path& cert,
                                       const std::filesystem::path& key) {
  auto context = make_ssl_context(TLS_server_method());
  if (!context) return context;
  auto done = use_certificates(context->get(), cert);
  if (done) done = use_key(context->get(), key);
  if (!done) return done.error();
  return context;
}

Result<SslContext> make_client_context(const std::filesystem::path& ca_file) {
  auto context = make_ssl_context(TLS_client_method());
  if (!context) return context;
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context->get());
    ERR_clear_error();
    return context;
  }
  if (auto done = trust_file(context->get(), ca_file); !done) return done.error();
  return context;
}

std::string end_of_certificate(const SSL_CTX* context) {
  const auto* certificate = SSL_CTX_get0_certificate(context);
  const Bio bio{BIO_new(BIO_s_mem())};
  if (certificate == nullptr || !bio) return "?";
  ASN1_TIME_print(bio.get(), X509_get0_notAfter(certificate));
  std::array<char, 64> text{};
  const int n = BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : "?";
}

}  // namespace plimsoll
