#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "remote/ssh_session.h"

namespace plimsoll {

/// Where our executable is on a host, and how it is run there.
struct HandPlace {
  std::string executable;
  bool sudo = false;      ///< The SSH user is not root: by `sudo -n`.
  bool uploaded = false;  ///< It was not there before.
};

/// What is brought to the hosts: a file and its digest.
struct HandFile {
  std::filesystem::path path;
  std::string sha256;
};

/// This very executable, also when its file has been replaced meanwhile. Its digest is computed
/// once. Errors: io; not_found - no sha256sum here.
[[nodiscard]] Task<Result<HandFile>> own_executable();

/// Sees to it that the file can be run on the host: looks for it under the name that its digest
/// gives, brings it over the session when it is missing, runs it once, and removes all but the two
/// newest others.
///
/// Errors: unauthorized - not root and no `sudo` without a password; io - no room, or a file system
/// that forbids execution; refused - another architecture or a libc that is too old; each names the
/// host and says what to do. And the session's.
[[nodiscard]] Task<Result<HandPlace>> ensure_hand(SshSession* session, HandFile file);

/// What it means that a hand cannot be run on a host, from the exit code and the last words.
[[nodiscard]] Error explain_hand_failure(const std::string& host, const HandPlace& place, int code,
                                         std::string_view words);

}  // namespace plimsoll
