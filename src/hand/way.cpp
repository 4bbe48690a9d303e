#include "hand/way.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace plimsoll {
namespace {

Error unfit(const char* field, const std::string& text) {
  return {Errc::invalid, fmt::format("the way's {} '{}' has characters that we do not hand to ssh",
                                     field, printable(text, 100))};
}

/// A host name or an address of either family.
bool is_address(const std::string& text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_%";
  return !text.empty() && text.size() < 256 && text.front() != '-' &&
         text.find_first_not_of(plain) == std::string::npos;
}

std::filesystem::path path_or(const json::value& request, const char* name,
                              const std::filesystem::path& usual) {
  const auto text = text_of(member(request, name));
  return text.empty() ? usual : std::filesystem::path{text};
}

}  // namespace

Result<SshWay> parse_way(const json::value& request, const HandContext& context) {
  SshWay way;
  way.address = text_of(member(request, "address"));
  if (!is_address(way.address)) return unfit("address", way.address);
  way.alias = text_of(member(request, "alias"));
  if (!way.alias.empty() && !is_address(way.alias)) return unfit("alias", way.alias);
  const auto port = integer_of(member(request, "port")).value_or(22);
  if (port < 1 || port > 65535) return unfit("port", std::to_string(port));
  way.port = static_cast<std::uint16_t>(port);
  if (const auto user = text_of(member(request, "user")); !user.empty()) way.user = user;
  if (!is_safe_name(way.user)) return unfit("user", way.user);
  way.key = path_or(request, "key", context.move_folder() / "key");
  way.known_hosts = path_or(request, "known_hosts", context.move_folder() / "known_hosts");
  way.control = path_or(request, "control", context.move_folder() / "ssh");
  for (const auto& path : {way.key, way.known_hosts, way.control}) {
    if (!is_safe_path(path.string())) return unfit("path", path.string());
  }
  return way;
}

std::vector<std::string> ssh_words(const SshWay& way) {
  std::vector<std::string> words{"ssh", "-F", "none", "-T"};
  const auto set = [&](const std::string& option) {
    words.emplace_back("-o");
    words.push_back(option);
  };
  set("BatchMode=yes");
  set("StrictHostKeyChecking=yes");
  set("UserKnownHostsFile=" + way.known_hosts.string());
  set("GlobalKnownHostsFile=/dev/null");
  set("IdentityFile=" + way.key.string());
  set("IdentitiesOnly=yes");
  set("PreferredAuthentications=publickey");
  set("ControlPath=" + way.control.string());
  // Fastest first (FACTS 8); the others stay, for hosts without AES instructions.
  set("Ciphers=^aes128-gcm@openssh.com");
  set("Compression=no");
  set("ConnectTimeout=10");
  // A link that is cut is noticed in 9 to 12 s: the service may be standing still.
  set("ServerAliveInterval=3");
  set("ServerAliveCountMax=3");
  if (!way.alias.empty()) set("HostKeyAlias=" + way.alias);
  words.emplace_back("-p");
  words.push_back(std::to_string(way.port));
  words.emplace_back("-l");
  words.push_back(way.user);
  return words;
}

}  // namespace plimsoll
