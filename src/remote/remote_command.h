#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace plimsoll {

/// A command line for a remote shell that we built ourselves out of validated words. There is no
/// other way to make one, so no user's text can reach a shell.
class RemoteCommand {
 public:
  [[nodiscard]] const std::string& line() const { return line_; }

  /// An archive of a folder's contents on standard output: owners by number, modes, times to the
  /// nanosecond, extended attributes, ACLs, hard links, holes, devices and overlayfs's whiteouts.
  /// Attributes that only mean something to the overlay mount they came from are left out.
  /// Errors: invalid - the path is not one we would type without quotes (is_safe_path).
  [[nodiscard]] static Result<RemoteCommand> pack(const std::string& folder);
  /// Makes a folder hold exactly what an archive on standard input has.
  [[nodiscard]] static Result<RemoteCommand> unpack(const std::string& folder);
  /// SHA-256 over everything pack() carries, in the order of names: equal digests, equal trees.
  [[nodiscard]] static Result<RemoteCommand> digest(const std::string& folder);
  /// Bytes on disk in a folder.
  [[nodiscard]] static Result<RemoteCommand> usage(const std::string& folder);
  /// Bytes free for root on the file system of a folder.
  [[nodiscard]] static Result<RemoteCommand> free_space(const std::string& folder);
  /// The kernel's tables of sockets, but only those that wait for somebody: lines with the name of
  /// the table in front.
  [[nodiscard]] static RemoteCommand listeners();
  /// Our own executable there, as `plimsoll hand WORDS`; with `sudo -n` in front for a user who is
  /// not root. Errors: invalid - a word is not one we would type without quotes.
  [[nodiscard]] static Result<RemoteCommand> hand(const std::string& executable, bool sudo,
                                                  const std::vector<std::string>& words);
  /// Who we are there and where our home is, and where a hand of this name can be run: a line each.
  /// Errors: invalid - the name.
  [[nodiscard]] static Result<RemoteCommand> look_for_hand(const std::string& name);
  /// Puts what comes on standard input into a folder, as an executable of this name, if it has this
  /// digest; else nothing is left. Errors: invalid - a word is not one we would type.
  [[nodiscard]] static Result<RemoteCommand> install_hand(const std::string& folder,
                                                          const std::string& name,
                                                          const std::string& sha256);
  /// Ends when its standard input does: it ties a connection to the life of who holds it.
  [[nodiscard]] static RemoteCommand hold();
  /// Prints absent, empty, full (a folder) or other (anything else) for a path.
  [[nodiscard]] static Result<RemoteCommand> look(const std::string& path);
  /// Makes a folder, and what it lies in; one that is there must be empty.
  [[nodiscard]] static Result<RemoteCommand> claim(const std::string& folder);
  /// Removes all that is in a folder.
  [[nodiscard]] static Result<RemoteCommand> empty(const std::string& folder);

 private:
  explicit RemoteCommand(std::string line) : line_(std::move(line)) {}
  std::string line_;
};

}  // namespace plimsoll
