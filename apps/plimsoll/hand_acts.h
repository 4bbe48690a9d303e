#pragma once

#include "command.h"
#include "docker/json_access.h"
#include "hand/hand_context.h"
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

/// An act of the hand: its result as JSON.
using HandAct = Task<Result<std::string>> (*)(const HandContext* context,
                                              const HandOptions* options);

/// Passes the fence, runs the act, and prints {"ok": true, "result": …} or
/// {"ok": false, "code": "refused", "error": "…"}; gives the exit code.
int run_hand_act(HandAct act, const HandOptions& options);
/// The flags that each act takes.
void add_hand_options(CLI::App& app, HandOptions& options);

/// What an act is told beyond its flags: one JSON document, the first line of standard input.
/// Errors: too_large; malformed. Blocks: until the line is there.
[[nodiscard]] Result<json::value> hand_request();

template <HandAct act>
int run_act(const HandOptions& options, const CommandContext& /*context*/) {
  return run_hand_act(act, options);
}

template <HandAct act>
CLI::App* add_act(CLI::App& hand, CommandContext& context, const char* name, const char* summary) {
  const auto command = add_command<HandOptions>(
      hand, context,
      {name, summary,
       std::string{"  plimsoll hand "} + name + " --move ID --epoch N --owner ID …\n"},
      run_act<act>);
  add_hand_options(*command.app, *command.options);
  return command.app;
}

/// The acts of one part of the hand.
void add_hand_tree(CLI::App& hand, CommandContext& context);
void add_hand_image(CLI::App& hand, CommandContext& context);

}  // namespace plimsoll
