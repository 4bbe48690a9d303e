#include "hand/authorized_keys.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view key_kind = "ssh-ed25519";
constexpr std::string_view base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
constexpr std::string_view address_signs = "0123456789abcdefABCDEF.:/";
constexpr std::string_view command_signs =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./@:+=,- ";

bool is_made_of(std::string_view text, std::string_view signs) {
  return !text.empty() && text.find_first_not_of(signs) == std::string_view::npos;
}

std::string comment_of(const MoveId& move) { return "plimsoll-" + move.str(); }

/// "ssh-ed25519 AAAA…", without what follows.
Result<std::string> bare_key(std::string_view text) {
  const auto words = split(trim(text), ' ');
  // 32 bytes of key with their kind and lengths, in base64.
  constexpr std::size_t key_chars = 68;
  if (words.size() < 2 || words[0] != key_kind || words[1].size() != key_chars ||
      !is_made_of(words[1], base64)) {
    return Error{Errc::invalid, "grant: the key is no ed25519 public key"};
  }
  return fmt::format("{} {}", words[0], words[1]);
}

Result<std::string> joined_addresses(const std::vector<std::string>& from) {
  constexpr std::size_t addresses_max = 32;
  if (from.empty() || from.size() > addresses_max) {
    return Error{Errc::invalid, "grant: the key must be tied to 1 to 32 addresses"};
  }
  std::string all;
  for (const auto& address : from) {
    // "*": through a tunnel of the orchestrator's, whose address only this host's sshd knows.
    if (address != "*" && !is_made_of(address, address_signs)) {
      return Error{Errc::invalid, "grant: '" + printable(address, 60) + "' is no address"};
    }
    all += (all.empty() ? "" : ",") + address;
  }
  return all;
}

}  // namespace

Result<std::string> authorized_line(const KeyGrant& grant) {
  const auto key = bare_key(grant.public_key);
  if (!key) return key.error();
  const auto from = joined_addresses(grant.from);
  if (!from) return from.error();
  if (!is_made_of(grant.command, command_signs) || !is_safe_name(grant.move.str())) {
    return Error{Errc::invalid, "grant: '" + printable(grant.command, 100) +
                                    "' has characters that authorized_keys would have to quote"};
  }
  const auto until = std::chrono::floor<std::chrono::seconds>(grant.until);
  return fmt::format(R"(restrict,from="{}",expiry-time="{:%Y%m%d%H%M%S}Z",command="{}" {} {})",
                     *from, fmt::gmtime(std::chrono::system_clock::to_time_t(until)), grant.command,
                     *key, comment_of(grant.move));
}

bool is_line_of(std::string_view line, const MoveId& move) {
  const auto text = trim(line);
  return text.starts_with("restrict,from=\"") && text.ends_with(" " + comment_of(move)) &&
         text.find(fmt::format(" --move {} ", move.str())) != std::string_view::npos;
}

std::string with_line_of(std::string_view text, const MoveId& move, std::string_view line) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto length = end == std::string_view::npos ? text.size() : end + 1;
    const auto whole = text.substr(0, length);
    text.remove_prefix(length);
    if (!is_line_of(whole, move)) out += whole;
  }
  if (line.empty()) return out;
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  out += line;
  out += '\n';
  return out;
}

}  // namespace plimsoll
