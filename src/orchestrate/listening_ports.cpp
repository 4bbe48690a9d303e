#include "orchestrate/listening_ports.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "core/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t ports_max = 4096;

std::optional<std::uint32_t> hex(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The kernel writes each four bytes of an address as a number of this machine's order.
std::optional<std::string> address_of(std::string_view text) {
  if (text.size() != 8 && text.size() != 32) return std::nullopt;
  if (text.find_first_not_of('0') == std::string_view::npos) return std::string{};
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < text.size() / 8; ++i) {
    const auto word = hex(text.substr(8 * i, 8));
    if (!word) return std::nullopt;
    words.at(i) = *word;
  }
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const int family = text.size() == 8 ? AF_INET : AF_INET6;
  if (::inet_ntop(family, words.data(), buffer.data(), buffer.size()) == nullptr) {
    return std::nullopt;
  }
  return std::string{buffer.data()};
}

/// "/proc/net/tcp:   0: 0100007F:0CEA 00000000:0000 0A …".
std::optional<PublishedPort> parse_listener(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty() && words.size() < 5) words.push_back(word);
  }
  if (words.size() < 5) return std::nullopt;
  const bool udp = words[0].starts_with("/proc/net/udp");
  if (words[4] != (udp ? "07" : "0A")) return std::nullopt;
  const auto colon = words[2].find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = hex(words[2].substr(colon + 1));
  const auto address = address_of(words[2].substr(0, colon));
  if (!port || *port == 0 || *port > 0xffff || !address) return std::nullopt;
  return PublishedPort{static_cast<std::uint16_t>(*port), udp ? Protocol::udp : Protocol::tcp,
                       *address};
}

}  // namespace

std::vector<PublishedPort> parse_listeners(std::string_view text) {
  std::vector<PublishedPort> ports;
  for (const std::string_view line : split(text, '\n')) {
    if (ports.size() == ports_max) break;
    auto port = parse_listener(line);
    if (port && std::ranges::find(ports, *port) == ports.end()) ports.push_back(std::move(*port));
  }
  return ports;
}

Task<std::vector<PublishedPort>> listening_ports(SshSession* host) {
  const ProcessOptions options;
  const auto told = co_await host->run(RemoteCommand::listeners(), options);
  if (!told) co_return std::vector<PublishedPort>{};
  co_return parse_listeners(told->out);
}

}  // namespace plimsoll
