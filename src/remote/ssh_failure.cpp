#include "remote/ssh_failure.h"

#include <fmt/format.h>

#include <array>

#include "core/text.h"

namespace plimsoll {
namespace {

struct Known {
  std::string_view says;
  Errc code;
  const char* means;
};

// In the order in which they are looked for: a changed key is also a failed verification.
constexpr std::array known{
    Known{"REMOTE HOST IDENTIFICATION HAS CHANGED", Errc::refused,
          "its SSH host key has changed: if the host was not set up anew, somebody may be in "
          "between. Compare the key, then remove the old one with ssh-keygen -R"},
    Known{"Host key verification failed", Errc::refused,
          "its SSH host key is not known: check it and add it with ssh-keyscan to the known_hosts "
          "file"},
    Known{"Permission denied", Errc::unauthorized,
          "SSH refuses our key or user: check ssh.user and ssh.key, or ssh_user and ssh_key in "
          "host.csv"},
    Known{"Connection refused", Errc::unreachable,
          "nothing listens on its SSH port: is sshd running there, is ssh_port right?"},
    Known{"Could not resolve hostname", Errc::unreachable,
          "its name cannot be resolved: check the ip column of host.csv"},
    Known{"No route to host", Errc::unreachable, "there is no route to it: is it up?"},
    Known{"Network is unreachable", Errc::unreachable, "there is no route to its network"},
    Known{"timed out", Errc::timeout,
          "SSH gets no answer: is it up, does a firewall drop port 22?"},
    Known{"Connection closed", Errc::unreachable, "it closed the SSH connection"},
    Known{"Connection reset", Errc::unreachable, "it reset the SSH connection"},
    Known{"remote port forwarding failed", Errc::refused,
          "its sshd forbids forwarding: set AllowStreamLocalForwarding yes"},
};

/// The line that says most: ssh prints what went wrong last.
std::string_view last_line(std::string_view words) {
  std::string_view last;
  for (const auto line : split(words, '\n')) {
    if (!trim(line).empty()) last = trim(line);
  }
  return last;
}

}  // namespace

Error explain_ssh_failure(const std::string& host, std::string_view words) {
  for (const Known& failure : known) {
    if (words.find(failure.says) != std::string_view::npos) {
      return {failure.code, fmt::format("{}: {}", host, failure.means)};
    }
  }
  const auto line = last_line(words);
  return {Errc::unreachable,
          fmt::format("{}: ssh failed: {}", host,
                      line.empty() ? "it gave no reason" : printable(line, 200))};
}

}  // namespace plimsoll
