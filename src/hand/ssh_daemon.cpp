#include "hand/ssh_daemon.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/text.h"
#include "runtime/files.h"
#include "runtime/process.h"

namespace plimsoll {
namespace {

constexpr std::size_t key_file_max = 16U << 10;

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::vector<std::string> usual_key_files() {
  std::vector<std::string> files;
  for (const char* kind : {"ed25519", "ecdsa", "rsa"}) {
    files.push_back(fmt::format("/etc/ssh/ssh_host_{}_key", kind));
  }
  return files;
}

}  // namespace

Result<SshAccount> ssh_account() {
  const char* caller = std::getenv("SUDO_UID");
  const auto uid = caller == nullptr ? std::optional<uid_t>{::geteuid()}
                                     : parse_number<uid_t>(std::string_view{caller});
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the hand has one thread
  const passwd* entry = uid ? ::getpwuid(*uid) : nullptr;
  if (entry == nullptr) return Error{Errc::not_found, "there is no account that we run for"};
  return SshAccount{entry->pw_name, entry->pw_dir, entry->pw_uid, entry->pw_gid};
}

SshdSettings parse_sshd_settings(std::string_view text) {
  SshdSettings settings;
  std::vector<std::uint16_t> ports;
  for (const auto line : split(text, '\n')) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const auto key = to_lower(line.substr(0, space));
    const auto value = trim(line.substr(space + 1));
    if (key == "port") {
      if (const auto port = parse_number<std::uint16_t>(value)) ports.push_back(*port);
    } else if (key == "hostkey") {
      settings.host_key_files.emplace_back(value);
    } else if (key == "authorizedkeysfile") {
      settings.authorized_keys = value.substr(0, value.find(' '));
    } else if (key == "pubkeyauthentication") {
      settings.public_keys = value == "yes";
    }
  }
  if (!ports.empty()) settings.ports = std::move(ports);
  return settings;
}

Task<SshdSettings> sshd_settings(std::string user) {
  std::vector<std::string> argv{"/usr/sbin/sshd", "-T", "-C",
                                "user=" + user + ",host=localhost,addr=127.0.0.1"};
  ProcessOptions options;
  options.timeout = Duration{10'000};
  const auto told = co_await run_process(std::move(argv), std::move(options));
  if (!told || told->exit_code != 0) co_return SshdSettings{};
  co_return parse_sshd_settings(told->out);
}

Result<std::filesystem::path> authorized_keys_of(const SshdSettings& settings,
                                                 const SshAccount& account) {
  if (!settings.public_keys || settings.authorized_keys == "none") {
    return Error{Errc::refused,
                 "sshd here takes no keys: set PubkeyAuthentication yes and "
                 "AuthorizedKeysFile .ssh/authorized_keys"};
  }
  auto text = replaced(settings.authorized_keys, "%h", account.home);
  text = replaced(std::move(text), "%u", account.name);
  text = replaced(std::move(text), "%U", std::to_string(account.uid));
  text = replaced(std::move(text), "%%", "%");
  const std::filesystem::path path{text};
  return path.is_absolute() ? path : std::filesystem::path{account.home} / path;
}

Result<std::vector<std::string>> public_host_keys(const SshdSettings& settings) {
  std::vector<std::string> keys;
  const auto files = settings.host_key_files.empty() ? usual_key_files() : settings.host_key_files;
  for (const auto& file : files) {
    const auto text = read_file(file + ".pub", key_file_max);
    if (!text) continue;
    const auto words = split(trim(*text), ' ');
    if (words.size() >= 2) keys.push_back(fmt::format("{} {}", words[0], words[1]));
  }
  if (keys.empty()) {
    return Error{Errc::not_found, "no public host key of sshd is readable in /etc/ssh"};
  }
  return keys;
}

}  // namespace plimsoll
