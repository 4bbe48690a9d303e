#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "docker/json_access.h"
#include "hand/hand_context.h"

namespace plimsoll {

/// How the source reaches the destination in a move: OpenSSH with the move's one-time key, over one
/// master connection that all transfers share.
struct SshWay {
  std::string address;
  std::uint16_t port = 22;
  /// Whose host key it must be, where `address` is a tunnel's end; "" for the address itself.
  std::string alias;
  std::string user = "root";
  std::filesystem::path key;
  std::filesystem::path known_hosts;
  std::filesystem::path control;  ///< The master's socket.
};

/// {"address", "port", "alias", "user", "key", "known_hosts", "control"}; the last three are `key`,
/// `known_hosts` and `ssh` of the move's folder where they are absent.
/// Errors: invalid - a word that we would not hand to ssh.
[[nodiscard]] Result<SshWay> parse_way(const json::value& request, const HandContext& context);

/// `ssh` with its options and the user, to which the host and a command are added. No word in it
/// needs quotes. It uses the master where there is one, else it connects by itself.
[[nodiscard]] std::vector<std::string> ssh_words(const SshWay& way);

}  // namespace plimsoll
