#include "move/move_state.h"

#include <array>

namespace plimsoll {
namespace {

constexpr std::array all_states{MoveState::planned,
                                MoveState::approved,
                                MoveState::reserved,
                                MoveState::preflight,
                                MoveState::image_staged,
                                MoveState::destination_created,
                                MoveState::precopied,
                                MoveState::source_fenced,
                                MoveState::source_stopped,
                                MoveState::final_sync,
                                MoveState::destination_started,
                                MoveState::destination_healthy,
                                MoveState::committed,
                                MoveState::redirected,
                                MoveState::source_retired,
                                MoveState::cleaned,
                                MoveState::rolling_back,
                                MoveState::rolled_back,
                                MoveState::quarantined,
                                MoveState::superseded};

constexpr std::array all_acts{Act::preflight,          Act::stage_image,
                              Act::create_destination, Act::precopy,
                              Act::fence_source,       Act::stop_source,
                              Act::final_sync,         Act::start_destination,
                              Act::check_destination,  Act::commit,
                              Act::finish_destination, Act::redirect,
                              Act::retire_source,      Act::clean,
                              Act::stop_destination,   Act::start_source,
                              Act::unfence_source,     Act::remove_destination};

}  // namespace

std::string_view state_name(MoveState state) {
  switch (state) {
    case MoveState::planned:
      return "Planned";
    case MoveState::approved:
      return "Approved";
    case MoveState::reserved:
      return "Reserved";
    case MoveState::preflight:
      return "Preflight";
    case MoveState::image_staged:
      return "ImageStaged";
    case MoveState::destination_created:
      return "DestinationCreated";
    case MoveState::precopied:
      return "Precopied";
    case MoveState::source_fenced:
      return "SourceFenced";
    case MoveState::source_stopped:
      return "SourceStopped";
    case MoveState::final_sync:
      return "FinalSync";
    case MoveState::destination_started:
      return "DestinationStarted";
    case MoveState::destination_healthy:
      return "DestinationHealthy";
    case MoveState::committed:
      return "Committed";
    case MoveState::redirected:
      return "Redirected";
    case MoveState::source_retired:
      return "SourceRetired";
    case MoveState::cleaned:
      return "Cleaned";
    case MoveState::rolling_back:
      return "RollingBack";
    case MoveState::rolled_back:
      return "RolledBack";
    case MoveState::quarantined:
      return "Quarantined";
    case MoveState::superseded:
      return "Superseded";
  }
  return "";
}

std::optional<MoveState> parse_state(std::string_view name) {
  for (const auto state : all_states) {
    if (state_name(state) == name) return state;
  }
  return std::nullopt;
}

bool is_final(MoveState state) {
  return is_success(state) || state == MoveState::rolled_back || state == MoveState::quarantined ||
         state == MoveState::superseded;
}

bool is_success(MoveState state) {
  return state == MoveState::source_retired || state == MoveState::cleaned;
}

bool is_committed(MoveState state) {
  return is_success(state) || state == MoveState::committed || state == MoveState::redirected;
}

std::string_view act_name(Act act) {
  switch (act) {
    case Act::preflight:
      return "preflight";
    case Act::stage_image:
      return "stage image";
    case Act::create_destination:
      return "create destination";
    case Act::precopy:
      return "precopy";
    case Act::fence_source:
      return "fence source";
    case Act::stop_source:
      return "stop source";
    case Act::final_sync:
      return "final sync";
    case Act::start_destination:
      return "start destination";
    case Act::check_destination:
      return "check destination";
    case Act::commit:
      return "commit";
    case Act::finish_destination:
      return "finish destination";
    case Act::redirect:
      return "redirect";
    case Act::retire_source:
      return "retire source";
    case Act::clean:
      return "clean";
    case Act::stop_destination:
      return "stop destination";
    case Act::start_source:
      return "start source";
    case Act::unfence_source:
      return "unfence source";
    case Act::remove_destination:
      return "remove destination";
  }
  return "";
}

std::optional<Act> parse_act(std::string_view name) {
  for (const auto act : all_acts) {
    if (act_name(act) == name) return act;
  }
  return std::nullopt;
}

std::string_view strategy_name(Strategy strategy) {
  switch (strategy) {
    case Strategy::cold:
      return "cold";
    case Strategy::warm:
      return "warm";
  }
  return "";
}

std::optional<Strategy> parse_strategy(std::string_view name) {
  for (const auto strategy : {Strategy::cold, Strategy::warm}) {
    if (strategy_name(strategy) == name) return strategy;
  }
  return std::nullopt;
}

}  // namespace plimsoll
