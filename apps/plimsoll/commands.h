#pragma once

#include "command.h"

namespace plimsoll {

void add_agent(CLI::App& app, CommandContext& context);
void add_monitor(CLI::App& app, CommandContext& context);
void add_up(CLI::App& app, CommandContext& context);
void add_top(CLI::App& app, CommandContext& context);
void add_check(CLI::App& app, CommandContext& context);
void add_replay(CLI::App& app, CommandContext& context);
void add_export(CLI::App& app, CommandContext& context);
void add_orchestrate(CLI::App& app, CommandContext& context);
void add_plan(CLI::App& app, CommandContext& context);
void add_decide(CLI::App& app, CommandContext& context);
void add_simulate(CLI::App& app, CommandContext& context);
void add_migrate(CLI::App& app, CommandContext& context);
void add_drain(CLI::App& app, CommandContext& context);
void add_hand(CLI::App& app, CommandContext& context);
void add_moves(CLI::App& app, CommandContext& context);

}  // namespace plimsoll
