#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace plimsoll::test {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void must(bool fine) {
  if (!fine) throw std::runtime_error("OpenSSL could not make a certificate");
}

template <class Write>
std::string pem_of(Write write) {
  const Owned<BIO> bio{BIO_new(BIO_s_mem())};
  must(write(bio.get()) == 1);
  std::string text(BIO_ctrl_pending(bio.get()), '\0');
  BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  return text;
}

Owned<BIO> reader(const std::string& text) {
  return Owned<BIO>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const Owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str())};
  must(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Owned<X509> unsigned_certificate(const std::string& name, EVP_PKEY* key, int days) {
  constexpr long day = 24L * 60 * 60;
  static long serial = 0;
  Owned<X509> certificate{X509_new()};
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3 * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * day);
  X509_set_pubkey(certificate.get(), key);
  const std::basic_string<unsigned char> text{name.begin(), name.end()};
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             text.c_str(), -1, -1, 0);
  return certificate;
}

Certificate finish(X509* certificate, EVP_PKEY* key, EVP_PKEY* signer) {
  must(X509_sign(certificate, signer, EVP_sha256()) > 0);
  Certificate made;
  made.cert = pem_of([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
  made.key = pem_of([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  return made;
}

}  // namespace

Certificate make_authority(const std::string& name) {
  const Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  const auto certificate = unsigned_certificate(name, key.get(), 1);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  return finish(certificate.get(), key.get(), key.get());
}

Certificate make_certificate(const Certificate& authority, const std::string& names, int days) {
  const auto ca_text = reader(authority.cert);
  const auto key_text = reader(authority.key);
  const Owned<X509> ca{PEM_read_bio_X509(ca_text.get(), nullptr, nullptr, nullptr)};
  const Owned<EVP_PKEY> signer{PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr)};
  must(ca && signer);
  const Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  const auto certificate = unsigned_certificate("plimsoll test", key.get(), days);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(ca.get()));
  add_extension(certificate.get(), NID_subject_alt_name, names);
  return finish(certificate.get(), key.get(), signer.get());
}

}  // namespace plimsoll::test
