#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "inventory/host_list.h"
#include "runtime/http.h"
#include "runtime/secret_file.h"
#include "runtime/tls.h"

namespace plimsoll {

/// How the agents of a fleet are spoken to: the token they ask for, and TLS. Cheap to copy; the
/// copies follow the same files.
/// Thread: one.
struct AgentCredentials {
  std::shared_ptr<SecretFile> token;  ///< Null: none.
  bool tls = false;                   ///< Of hosts whose row in host.csv has no scheme.
  std::shared_ptr<TlsTrust> trust;    ///< Null: the system's authorities.

  /// A token that never changes, without TLS.
  [[nodiscard]] static AgentCredentials with_token(std::string token);

  /// Where the agent of a host listens.
  [[nodiscard]] HttpTarget target_of(const Host& host) const;
  /// Puts the token as of now into a request.
  void sign(HttpRequest& request) const;
};

}  // namespace plimsoll
