#pragma once

#include "command.h"

namespace plimsoll {

void add_agent(const CommandLine& app, CommandContext& context);
void add_monitor(const CommandLine& app, CommandContext& context);
void add_up(const CommandLine& app, CommandContext& context);
void add_top(const CommandLine& app, CommandContext& context);
void add_check(const CommandLine& app, CommandContext& context);
void add_replay(const CommandLine& app, CommandContext& context);
void add_export(const CommandLine& app, CommandContext& context);
void add_orchestrate(const CommandLine& app, CommandContext& context);
void add_plan(const CommandLine& app, CommandContext& context);
void add_decide(const CommandLine& app, CommandContext& context);
void add_simulate(const CommandLine& app, CommandContext& context);
void add_migrate(const CommandLine& app, CommandContext& context);
void add_drain(const CommandLine& app, CommandContext& context);
void add_hand(const CommandLine& app, CommandContext& context);
void add_moves(const CommandLine& app, CommandContext& context);

}  // namespace plimsoll
