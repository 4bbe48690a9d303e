#include "remote/copy_tree.h"

#include <fmt/format.h>

#include "core/text.h"
#include "runtime/deadline.h"

namespace plimsoll {
namespace {

constexpr std::size_t words_max = 4000;

/// A child's standard error, so that it never blocks on it; only the start is kept.
Task<Result<std::string>> words_of(ChildProcess* child) {
  std::string words;
  for (;;) {
    const auto chunk = co_await child->read_err();
    if (!chunk || chunk->empty()) co_return words;
    if (words.size() < words_max) words += *chunk;
  }
}

Task<Result<void>> pass_on(ChildProcess* to, std::string chunk, Duration stall) {
  auto writing = to->write_in(std::move(chunk));
  auto written = co_await with_deadline(std::move(writing), stall, "the destination");
  co_return written;
}

/// Gives the bytes that passed; a failure to read or write ends both children, so that nothing
/// waits for them.
Task<Result<Bytes>> flow(ChildProcess* from, ChildProcess* to, Duration stall,
                         CopyProgress progress) {
  Bytes passed{};
  for (;;) {
    auto reading = from->read_out();
    auto chunk = co_await with_deadline(std::move(reading), stall, "the source");
    if (!chunk) {
      from->kill();
      to->kill();
      co_return chunk.error();
    }
    if (chunk->empty()) break;
    passed += Bytes{chunk->size()};
    const auto written = co_await pass_on(to, std::move(*chunk), stall);
    if (!written) {
      from->kill();
      if (written.error().code == Errc::timeout) to->kill();
      to->close_in();
      co_return written.error();
    }
    if (progress) progress(passed);
  }
  to->close_in();
  co_return passed;
}

Error child_failure(const char* side, int code, const std::string& words) {
  return {Errc::io, fmt::format("{}: copying data ended with code {}: {}", side, code,
                                printable(trim(words), 400))};
}

/// Its exit code; one that does not end is killed, which also ends its standard error.
Task<Result<int>> reap(ChildProcess* child, Duration stall, std::string side) {
  auto waiting = child->wait();
  auto code = co_await with_deadline(std::move(waiting), stall, std::move(side));
  if (!code) child->kill();
  co_return code;
}

struct Outcome {
  Result<Bytes> passed;
  Result<int> from_code;
  Result<int> to_code;
};

Task<Outcome> flow_to_the_end(ChildProcess* from, ChildProcess* to, Duration stall,
                              CopyProgress progress) {
  Outcome outcome;
  outcome.passed = co_await flow(from, to, stall, std::move(progress));
  outcome.from_code = co_await reap(from, stall, "the source");
  outcome.to_code = co_await reap(to, stall, "the destination");
  co_return outcome;
}

Task<Result<std::string>> digest_of(SshSession* host, std::string folder, Duration timeout) {
  auto command = RemoteCommand::digest(folder);
  if (!command) co_return command.error();
  ProcessOptions options;
  options.timeout = timeout;
  const auto result = co_await host->run(std::move(*command), std::move(options));
  if (!result) co_return result.error();
  const auto digest = result->out.substr(0, result->out.find(' '));
  if (result->exit_code != 0 || digest.size() != 64) {
    co_return Error{Errc::io, fmt::format("{}: cannot read {}: {}", host->host().name.str(), folder,
                                          printable(trim(result->err), 200))};
  }
  co_return digest;
}

/// The number that a command prints first.
Task<Result<Bytes>> number_from(SshSession* host, Result<RemoteCommand> command,
                                std::string folder) {
  if (!command) co_return command.error();
  ProcessOptions options;
  options.timeout = Duration{90'000};
  const auto result = co_await host->run(std::move(*command), std::move(options));
  if (!result) co_return result.error();
  const auto first = trim(result->out).substr(0, trim(result->out).find('\t'));
  const auto bytes = parse_number<std::uint64_t>(first);
  if (!bytes) {
    co_return Error{Errc::io, fmt::format("{}: cannot measure {}: {}", host->host().name.str(),
                                          folder, printable(trim(result->err), 200))};
  }
  co_return Bytes{*bytes};
}

/// What a command printed. Errors: io - it failed, with its own words.
Task<Result<std::string>> text_from(SshSession* host, Result<RemoteCommand> command,
                                    std::string what) {
  if (!command) co_return command.error();
  ProcessOptions options;
  options.timeout = Duration{90'000};
  const auto result = co_await host->run(std::move(*command), std::move(options));
  if (!result) co_return result.error();
  if (result->exit_code != 0) {
    co_return Error{Errc::io, fmt::format("{}: {}: {}", host->host().name.str(), what,
                                          printable(trim(result->err), 200))};
  }
  co_return std::string{trim(result->out)};
}

}  // namespace

Task<Result<FolderState>> look_at_folder(SshSession* host, std::string path) {
  auto command = RemoteCommand::look(path);
  const auto word = co_await text_from(host, std::move(command), "cannot look at " + path);
  if (!word) co_return word.error();
  if (*word == "absent") co_return FolderState::absent;
  if (*word == "empty") co_return FolderState::empty;
  co_return *word == "full" ? FolderState::full : FolderState::other;
}

Task<Result<void>> claim_folder(SshSession* host, std::string folder) {
  auto command = RemoteCommand::claim(folder);
  const auto made = co_await text_from(host, std::move(command), "cannot make " + folder);
  if (made) co_return Result<void>{};
  const auto state = co_await look_at_folder(host, folder);
  if (!state || *state == FolderState::absent || *state == FolderState::empty) {
    co_return made.error();
  }
  co_return Error{Errc::conflict,
                  fmt::format("{}: {} is there already and not empty; what is in it would be "
                              "overwritten. Empty or rename it first",
                              host->host().name.str(), folder)};
}

Task<Result<void>> empty_folder(SshSession* host, std::string folder) {
  auto command = RemoteCommand::empty(folder);
  const auto done = co_await text_from(host, std::move(command), "cannot empty " + folder);
  if (!done) co_return done.error();
  co_return Result<void>{};
}

Task<Result<Bytes>> pump(ChildProcess* from, ChildProcess* to, Duration stall,
                         CopyProgress progress) {
  using namespace asio::experimental::awaitable_operators;
  auto all =
      flow_to_the_end(from, to, stall, std::move(progress)) && words_of(from) && words_of(to);
  const auto [outcome, from_words, to_words] = co_await std::move(all);
  const auto& [passed, from_code, to_code] = outcome;
  // The destination first: when it breaks, the source only sees that nobody reads any more.
  if (to_code && *to_code != 0 && *to_code < 128) {
    co_return child_failure("destination", *to_code, *to_words);
  }
  if (!passed) co_return passed.error();
  if (!from_code) co_return from_code.error();
  if (!to_code) co_return to_code.error();
  if (*from_code != 0) co_return child_failure("source", *from_code, *from_words);
  if (*to_code != 0) co_return child_failure("destination", *to_code, *to_words);
  co_return passed;
}

Task<Result<Bytes>> copy_tree(SshSession* from, std::string from_folder, SshSession* to,
                              std::string to_folder, Duration stall, CopyProgress progress) {
  const auto pack = RemoteCommand::pack(from_folder);
  if (!pack) co_return pack.error();
  const auto unpack = RemoteCommand::unpack(to_folder);
  if (!unpack) co_return unpack.error();
  auto reader = from->spawn(*pack);
  if (!reader) co_return reader.error();
  auto writer = to->spawn(*unpack);
  if (!writer) co_return writer.error();
  auto passed = co_await pump(&*reader, &*writer, stall, std::move(progress));
  co_return passed;
}

Task<Result<void>> verify_tree(SshSession* from, std::string from_folder, SshSession* to,
                               std::string to_folder, Duration timeout) {
  using namespace asio::experimental::awaitable_operators;
  auto both = digest_of(from, from_folder, timeout) && digest_of(to, to_folder, timeout);
  const auto [original, copy] = co_await std::move(both);
  if (!original) co_return original.error();
  if (!copy) co_return copy.error();
  if (*original != *copy) {
    co_return Error{Errc::io,
                    fmt::format("the copy of {} on {} differs from {} on {}", from_folder,
                                to->host().name.str(), to_folder, from->host().name.str())};
  }
  co_return Result<void>{};
}

Task<Result<Bytes>> tree_bytes(SshSession* host, std::string folder) {
  auto command = RemoteCommand::usage(folder);
  return number_from(host, std::move(command), std::move(folder));
}

Task<Result<Bytes>> free_bytes(SshSession* host, std::string folder) {
  auto command = RemoteCommand::free_space(folder);
  return number_from(host, std::move(command), std::move(folder));
}

}  // namespace plimsoll
