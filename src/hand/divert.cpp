#include "hand/divert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.h"
#include "runtime/process.h"

namespace plimsoll {
namespace {

// Connections from outside, and those that begin on this host.
constexpr std::array chains{"PREROUTING", "OUTPUT"};

std::string mark_of(const MoveId& move) { return "plimsoll-" + move.str(); }

Task<Result<std::string>> iptables(std::vector<std::string> words) {
  std::vector<std::string> argv{"iptables", "-w", "5", "-t", "nat"};
  argv.insert(argv.end(), words.begin(), words.end());
  ProcessOptions options;
  options.timeout = Duration{10'000};
  auto result = co_await run_process(argv, options);
  if (!result && result.error().code == Errc::not_found) {
    argv.front() = "/usr/sbin/iptables";
    result = co_await run_process(std::move(argv), std::move(options));
  }
  if (!result) co_return result.error();
  if (result->exit_code != 0) {
    co_return Error{Errc::refused, "iptables: " + printable(trim(result->err), 200)};
  }
  co_return std::move(result->out);
}

}  // namespace

Task<Result<void>> divert_port(MoveId move, asio::ip::tcp::endpoint from, std::uint16_t to_port) {
  for (const std::string chain : chains) {
    std::vector<std::string> words{"-I", chain, "1", "-p", "tcp"};
    if (!from.address().is_unspecified()) {
      words.insert(words.end(), {"-d", from.address().to_string()});
    }
    words.insert(words.end(),
                 {"-m", "addrtype", "--dst-type", "LOCAL", "-m", "tcp", "--dport",
                  std::to_string(from.port()), "-m", "comment", "--comment", mark_of(move), "-j",
                  "REDIRECT", "--to-ports", std::to_string(to_port)});
    const auto made = co_await iptables(std::move(words));
    if (!made) co_return made.error();
  }
  co_return Result<void>{};
}

std::vector<std::string> words_to_delete(std::string_view rule, const MoveId& move,
                                         std::uint16_t port) {
  std::vector<std::string> words;
  for (const auto part : split(trim(rule), ' ')) {
    std::string word{part};
    std::erase(word, '"');
    words.push_back(std::move(word));
  }
  const auto value_of = [&](const char* option) {
    const auto at = std::ranges::find(words, option);
    return at == words.end() || at + 1 == words.end() ? std::string{} : *(at + 1);
  };
  if (words.front() != "-A" || value_of("--comment") != mark_of(move)) return {};
  if (port != 0 && value_of("--dport") != std::to_string(port)) return {};
  words.front() = "-D";
  return words;
}

Task<Result<void>> end_diverts(MoveId move, std::uint16_t port) {
  for (const std::string chain : chains) {
    std::vector<std::string> listing{"-S", chain};
    const auto rules = co_await iptables(std::move(listing));
    if (!rules && rules.error().code == Errc::not_found) co_return Result<void>{};
    if (!rules) co_return rules.error();
    for (const auto rule : split(*rules, '\n')) {
      auto words = words_to_delete(rule, move, port);
      if (words.empty()) continue;
      const auto removed = co_await iptables(std::move(words));
      if (!removed) co_return removed.error();
    }
  }
  co_return Result<void>{};
}

}  // namespace plimsoll
