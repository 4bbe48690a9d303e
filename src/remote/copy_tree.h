#pragma once

#include <functional>
#include <string>

#include "core/time.h"
#include "core/units.h"
#include "remote/ssh_session.h"

namespace plimsoll {

/// Told while data flows: bytes that have passed so far.
using CopyProgress = std::function<void(Bytes)>;

/// Makes the folder `to_folder` on one host hold exactly what `from_folder` on another has. The
/// data passes through this process, never through its disk.
/// Gives the bytes that passed (of the archive). The two folders must be at rest.
/// Errors: io - either side failed, with its own words; timeout - no byte passed for `stall`.
[[nodiscard]] Task<Result<Bytes>> copy_tree(SshSession* from, std::string from_folder,
                                            SshSession* to, std::string to_folder, Duration stall,
                                            CopyProgress progress);

/// Compares two folders by the digest of everything copy_tree carries.
/// Errors: io - they differ, or one could not be read.
[[nodiscard]] Task<Result<void>> verify_tree(SshSession* from, std::string from_folder,
                                             SshSession* to, std::string to_folder,
                                             Duration timeout);

/// Bytes on disk in a folder of a host.
[[nodiscard]] Task<Result<Bytes>> tree_bytes(SshSession* host, std::string folder);

/// Bytes free on the file system of a folder of a host.
[[nodiscard]] Task<Result<Bytes>> free_bytes(SshSession* host, std::string folder);

/// What stands at a path of a host. A symbolic link is neither a folder nor followed.
enum class FolderState { absent, empty, full, other };
[[nodiscard]] Task<Result<FolderState>> look_at_folder(SshSession* host, std::string path);

/// Makes a folder on a host, with what it lies in. Errors: conflict - it is there and not empty.
[[nodiscard]] Task<Result<void>> claim_folder(SshSession* host, std::string folder);

/// Removes all that is in a folder of a host.
[[nodiscard]] Task<Result<void>> empty_folder(SshSession* host, std::string folder);

/// What one child prints goes into the other; ends when the first has ended and both were reaped.
/// For copy_tree, and for its test without any SSH.
[[nodiscard]] Task<Result<Bytes>> pump(ChildProcess* from, ChildProcess* to, Duration stall,
                                       CopyProgress progress);

}  // namespace plimsoll
