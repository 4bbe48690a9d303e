#pragma once

#include "command.h"
#include "docker/json_access.h"
#include "hand/hand_context.h"
#include "hand/peer_watch.h"
#include "runtime/asio.h"

namespace plimsoll {

/// What every act of the hand is told; each act adds its own.
struct HandOptions {
  std::string move;
  std::uint64_t epoch = 0;
  std::string owner;
  bool take_over = false;
  std::string docker = "/var/run/docker.sock";
  std::string state = "/var/lib/plimsoll";
  std::string run = "/run/plimsoll";
};

/// An act of the hand: its result as JSON. Some have options of their own beside HandOptions.
template <class Options>
using HandActWith = Task<Result<std::string>> (*)(const HandContext* context,
                                                  const Options* options);
using HandAct = HandActWith<HandOptions>;
/// An act with all that it is told.
using BoundHandAct = std::function<Task<Result<std::string>>(const HandContext* context)>;

/// Passes the fence, runs the act, and prints {"ok": true, "result": …} or
/// {"ok": false, "code": "refused", "error": "…"}; gives the exit code. The act is cancelled when
/// nobody can read that any more.
int run_hand_act(const BoundHandAct& act, const HandOptions& options);
/// The flags that each act takes.
void add_hand_options(const CommandLine& app, HandOptions& options);

/// What an act is told beyond its flags: one JSON document, the first line of standard input.
/// Errors: too_large; malformed. Blocks: until the line is there.
[[nodiscard]] Result<json::value> hand_request();

[[nodiscard]] HandContext hand_context_of(const HandOptions& options);
/// One line of JSON on standard output.
void print_hand_line(const std::string& json);
/// Prints a result as run_hand_act does; gives the exit code.
int tell_hand_result(const Result<std::string>& result);

template <class Options, HandActWith<Options> act>
int run_act_with(const Options& options, const CommandContext& /*context*/) {
  const auto* all = &options;
  return run_hand_act([all](const HandContext* context) { return act(context, all); }, options);
}

/// Adds an act with options of its own, whose flags the caller adds.
template <class Options, HandActWith<Options> act>
Subcommand<Options> add_act_with(const CommandLine& hand, CommandContext& context, const char* name,
                                 const char* summary) {
  const auto command = add_command<Options>(
      hand, context,
      {name, summary,
       std::string{"  plimsoll hand "} + name + " --move ID --epoch N --owner ID …\n"},
      run_act_with<Options, act>);
  add_hand_options(command.line, *command.options);
  return command;
}

template <HandAct act>
void add_act(const CommandLine& hand, CommandContext& context, const char* name,
             const char* summary) {
  add_act_with<HandOptions, act>(hand, context, name, summary);
}

/// The acts of one part of the hand.
void add_hand_guard(const CommandLine& hand, CommandContext& context);
void add_hand_image(const CommandLine& hand, CommandContext& context);
void add_hand_tree(const CommandLine& hand, CommandContext& context);

}  // namespace plimsoll
