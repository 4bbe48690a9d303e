#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/asio.h"

namespace plimsoll {

/// The account that the orchestrator logs in as: root, or who called sudo.
struct SshAccount {
  std::string name;
  std::string home;
  unsigned uid = 0;
  unsigned gid = 0;
};
/// Errors: not_found - there is no such account.
[[nodiscard]] Result<SshAccount> ssh_account();

/// What matters to us of sshd's settings in force.
struct SshdSettings {
  std::vector<std::uint16_t> ports{22};
  std::vector<std::string> host_key_files;
  std::string authorized_keys = ".ssh/authorized_keys";  ///< "none", or a pattern, sshd_config(5).
  bool public_keys = true;
};
/// Reads `sshd -T`. What is missing keeps its default.
[[nodiscard]] SshdSettings parse_sshd_settings(std::string_view text);
/// Asks sshd itself; where it says nothing, its defaults.
[[nodiscard]] Task<SshdSettings> sshd_settings(std::string user);

/// The file that sshd reads for this account. Errors: refused - there is none.
[[nodiscard]] Result<std::filesystem::path> authorized_keys_of(const SshdSettings& settings,
                                                               const SshAccount& account);
/// The public halves of the host's keys, without their comments. Errors: not_found - none is there.
[[nodiscard]] Result<std::vector<std::string>> public_host_keys(const SshdSettings& settings);

}  // namespace plimsoll
