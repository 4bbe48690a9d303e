#include "orchestrate/hook_phases.h"

#include <array>

namespace plimsoll {
namespace {

constexpr std::array phases{
    Act::preflight,         Act::stage_image, Act::create_destination, Act::precopy,
    Act::fence_source,      Act::stop_source, Act::final_sync,         Act::start_destination,
    Act::check_destination, Act::commit,      Act::finish_destination, Act::redirect,
    Act::retire_source,     Act::clean};

}  // namespace

std::string hook_phase(Act act) {
  const auto name = act_name(act);
  return std::string{name.substr(0, name.find(' '))};
}

std::vector<std::string> hook_phases() {
  std::vector<std::string> names;
  for (const Act act : phases) {
    names.push_back("pre_" + hook_phase(act));
    names.push_back("post_" + hook_phase(act));
  }
  names.emplace_back("post_rollback");
  return names;
}

}  // namespace plimsoll
