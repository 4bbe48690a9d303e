#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "command.h"
#include "core/json_writer.h"
#include "hand/fence.h"
#include "hand/hand_context.h"
#include "hand/peer_watch.h"
#include "run.h"

namespace plimsoll {

/// What every act of the hand is told; acts that want more derive from it.
struct HandOptions {
  std::string move;
  std::uint64_t epoch = 0;
  std::string owner;
  bool take_over = false;
  std::string docker = "/var/run/docker.sock";
  std::string state = "/var/lib/plimsoll";
  std::string run = "/run/plimsoll";
};

/// One line of JSON on standard output.
void print_line(const std::string& json);
[[nodiscard]] HandContext context_of(const HandOptions& options);
/// {"ok": true, "result": …} or {"ok": false, "code": "refused", "error": "…"}; the exit code.
int tell(const Result<std::string>& result);
void add_order_options(CLI::App& app, HandOptions& options);

/// An act of the hand: its result as JSON.
template <class Options>
using HandActOf = Task<Result<std::string>> (*)(const HandContext* context, const Options* options);
using HandAct = HandActOf<HandOptions>;

/// The act, ended early when nobody is there any more to be told how it went.
template <class Options>
Task<int> told(HandActOf<Options> act, const HandContext* context, const Options* options) {
  using namespace asio::experimental::awaitable_operators;
  auto race = act(context, options) || until_reader_has_gone();
  const auto first = co_await std::move(race);
  if (first.index() == 1) co_return exit_failed;
  co_return tell(std::get<0>(first));
}

template <class Options>
Task<int> admitted(HandActOf<Options> act, const Options* options) {
  const auto context = context_of(*options);
  Fence fence{context.state};
  const auto may = fence.admit(context.order);
  if (!may) co_return tell(may.error());
  const auto code = co_await told(act, &context, options);
  co_return code;
}

template <class Options, HandActOf<Options> act>
int run_act(const Options& options, const CommandContext& /*context*/) {
  asio::io_context io{1};
  return run_to_end(io, admitted(act, &options));
}

/// Adds an act with options of its own, which the caller adds to what it is given.
template <class Options, HandActOf<Options> act>
Subcommand<Options> add_act_with(CLI::App& hand, CommandContext& context, const char* name,
                                 const char* summary) {
  const auto command = add_command<Options>(
      hand, context,
      {name, summary, fmt::format("  plimsoll hand {} --move ID --epoch N --owner ID …\n", name)},
      run_act<Options, act>);
  add_order_options(*command.app, *command.options);
  return command;
}

template <HandAct act>
CLI::App* add_act(CLI::App& hand, CommandContext& context, const char* name, const char* summary) {
  return add_act_with<HandOptions, act>(hand, context, name, summary).app;
}

void add_hand_guard(CLI::App& hand, CommandContext& context);

}  // namespace plimsoll
