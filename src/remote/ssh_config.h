#pragma once

#include <filesystem>
#include <string>

#include "core/time.h"

namespace plimsoll {

/// How hosts are reached over SSH. What is empty is left to ssh itself and the user's
/// ~/.ssh/config. A host's own columns in host.csv win over these.
struct SshConfig {
  std::string user = "root";
  std::string key;                   ///< Path of a private key (ssh -i).
  std::string config;                ///< Path of a configuration file (ssh -F).
  std::string known_hosts;           ///< Path of the host keys that are believed.
  std::filesystem::path socket_dir;  ///< For sockets of shared connections; made with mode 0700.
  Duration connect_timeout{10'000};
};

}  // namespace plimsoll
