#pragma once

#include <string>

namespace plimsoll::test {

/// A key and its certificate, in PEM form.
struct Certificate {
  std::string cert;
  std::string key;
};

/// An authority that signs for itself.
[[nodiscard]] Certificate make_authority(const std::string& name);

/// A certificate of a server, signed by `authority`. `names` as in a certificate's alternative
/// names: "IP:127.0.0.1,DNS:localhost". `days`: it ends then; negative - it has ended.
[[nodiscard]] Certificate make_certificate(const Certificate& authority, const std::string& names,
                                           int days = 1);

}  // namespace plimsoll::test
