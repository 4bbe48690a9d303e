#include "remote/remote_command.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

// The extended headers' own name carries tar's process id by default, and access times change by
// reading: neither belongs to the tree. The three overlay attributes belong to the mount, not to
// the data (kernel, Documentation/filesystems/overlayfs.rst).
constexpr const char* tree_options =
    "--format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime "
    "--numeric-owner --acls --xattrs --xattrs-include='*' "
    "--xattrs-exclude=trusted.overlay.origin --xattrs-exclude=trusted.overlay.impure "
    "--xattrs-exclude=trusted.overlay.uuid";

// A remote command whose connection is cut would otherwise wait for ever.
constexpr const char* bounded = "timeout 6h";

Result<std::string> checked(const std::string& folder) {
  if (is_safe_path(folder)) return folder;
  return Error{Errc::invalid, fmt::format("the path '{}' has characters that we do not send to a "
                                          "remote shell",
                                          printable(folder, 100))};
}

/// No character that a shell reads as anything but itself.
bool is_plain_word(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@:+=,-";
  return !word.empty() && word.size() <= 4096 && word.find_first_not_of(plain) == word.npos;
}

}  // namespace

Result<RemoteCommand> RemoteCommand::pack(const std::string& folder) {
  const auto path = checked(folder);
  if (!path) return path.error();
  return RemoteCommand{
      fmt::format("{} tar -C {} {} --sparse -cf - .", bounded, *path, tree_options)};
}

Result<RemoteCommand> RemoteCommand::unpack(const std::string& folder) {
  const auto path = checked(folder);
  if (!path) return path.error();
  return RemoteCommand{
      fmt::format("set -e; test -d {0}; find {0} -mindepth 1 -delete; {1} tar -C {0} "
                  "--numeric-owner --same-owner --acls --xattrs --xattrs-include='*' -xpf -",
                  *path, bounded)};
}

Result<RemoteCommand> RemoteCommand::digest(const std::string& folder) {
  const auto path = checked(folder);
  if (!path) return path.error();
  // A plain sh has no pipefail: where tar fails, what it could not read is replaced by something
  // that no other digest can equal.
  return RemoteCommand{
      fmt::format("set -e; test -d {0}; {{ {1} tar -C {0} {2} --sort=name -cf - . 2>/dev/null || "
                  "cat /proc/sys/kernel/random/uuid; }} | sha256sum",
                  *path, bounded, tree_options)};
}

Result<RemoteCommand> RemoteCommand::usage(const std::string& folder) {
  const auto path = checked(folder);
  if (!path) return path.error();
  return RemoteCommand{fmt::format("timeout 60s du -sB1 {}", *path)};
}

Result<RemoteCommand> RemoteCommand::free_space(const std::string& folder) {
  const auto path = checked(folder);
  if (!path) return path.error();
  return RemoteCommand{fmt::format("df -B1 --output=avail {} | tail -n 1", *path)};
}

Result<RemoteCommand> RemoteCommand::hand(const std::string& executable, bool sudo,
                                          const std::vector<std::string>& words) {
  const auto path = checked(executable);
  if (!path) return path.error();
  std::string line = fmt::format("{}{} hand", sudo ? "sudo -n " : "", *path);
  for (const std::string& word : words) {
    if (!is_plain_word(word)) {
      return Error{Errc::invalid, fmt::format("'{}' has characters that we do not send to a remote "
                                              "shell",
                                              printable(word, 100))};
    }
    line += " " + word;
  }
  return RemoteCommand{std::move(line)};
}

Result<RemoteCommand> RemoteCommand::look(const std::string& path) {
  const auto safe = checked(path);
  if (!safe) return safe.error();
  return RemoteCommand{
      fmt::format("if test -L {0}; then echo other; elif ! test -e {0}; then echo absent; "
                  "elif ! test -d {0}; then echo other; "
                  "elif test -z \"$(find {0} -mindepth 1 -print -quit)\"; then echo empty; "
                  "else echo full; fi",
                  *safe)};
}

Result<RemoteCommand> RemoteCommand::claim(const std::string& folder) {
  const auto path = checked(folder);
  if (!path) return path.error();
  return RemoteCommand{
      fmt::format("set -e; mkdir -p {0}; test -z \"$(find {0} -mindepth 1 -print -quit)\"", *path)};
}

Result<RemoteCommand> RemoteCommand::empty(const std::string& folder) {
  const auto path = checked(folder);
  if (!path) return path.error();
  return RemoteCommand{fmt::format("set -e; test -d {0}; find {0} -mindepth 1 -delete", *path)};
}

Result<RemoteCommand> RemoteCommand::look_for_hand(const std::string& name) {
  if (!is_safe_name(name)) return Error{Errc::invalid, "'" + printable(name, 60) + "' is no name"};
  return RemoteCommand{fmt::format(
      "id -u; pwd -P; if test -x /var/lib/plimsoll/bin/{0}; then echo root; fi; if test "
      "-x .local/share/plimsoll/bin/{0}; then echo home; fi",
      name)};
}

Result<RemoteCommand> RemoteCommand::install_hand(const std::string& folder,
                                                  const std::string& name,
                                                  const std::string& sha256) {
  const auto path = checked(folder);
  if (!path) return path.error();
  if (!is_safe_name(name) || !is_safe_name(sha256)) {
    return Error{Errc::invalid, "'" + printable(name, 60) + "' is no name"};
  }
  // A connection that is cut ends the input early: the digest is what tells that from the end.
  return RemoteCommand{fmt::format(
      "set -e; umask 077; mkdir -p {0}; cd {0}; f={1}.new.$$; trap 'rm -f '$f EXIT; {2} "
      "cat >$f; echo {3} '' $f | sha256sum -c --status - || {{ echo digest >&2; exit 3; "
      "}}; chmod 0700 $f; mv -f $f {1}",
      *path, name, bounded, sha256)};
}

RemoteCommand RemoteCommand::listeners() {
  return RemoteCommand{
      "grep -sE ': [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ (0A|07) ' "
      "/proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6"};
}

RemoteCommand RemoteCommand::hold() { return RemoteCommand{"exec cat >/dev/null"}; }

}  // namespace plimsoll
