#include "orchestrate/workload_move.h"

#include <fmt/format.h>

#include <ranges>
#include <stdexcept>

#include "core/text.h"

namespace plimsoll {
namespace {

bool touches_source(Act act) {
  return act != Act::start_destination && act != Act::finish_destination &&
         act != Act::stop_destination && act != Act::remove_destination;
}

bool touches_destination(Act act) {
  switch (act) {
    case Act::preflight:
    case Act::stage_image:
    case Act::create_destination:
    case Act::precopy:
    case Act::final_sync:
    case Act::start_destination:
    case Act::check_destination:
    case Act::finish_destination:
    case Act::stop_destination:
    case Act::remove_destination:
      return true;
    case Act::fence_source:
    case Act::stop_source:
    case Act::commit:
    case Act::redirect:
    case Act::retire_source:
    case Act::clean:
    case Act::start_source:
    case Act::unfence_source:
      return false;
  }
  return true;
}

}  // namespace

WorkloadMove::WorkloadMove(const asio::any_io_executor& executor, Host from, Host to,
                           const SshConfig& ssh, WorkloadTerms terms, TransferProgress progress)
    : source_(executor, std::move(from), ssh),
      destination_(executor, std::move(to), ssh),
      terms_(std::move(terms)),
      config_(terms_.config),
      policy_(terms_.policy),
      progress_(std::move(progress)),
      way_(&source_, &destination_, config_.rate_limit) {}

Task<Result<void>> WorkloadMove::connect_for(Act act) {
  if (touches_source(act)) {
    const auto connected = co_await source_.connect();
    if (!connected) co_return connected.error();
  }
  if (touches_destination(act)) {
    const auto connected = co_await destination_.connect();
    if (!connected) co_return connected.error();
  }
  co_return Result<void>{};
}

void WorkloadMove::forget_all() {
  // What broke may have been a connection, and an order whose reply was lost may be on its way: the
  // next act makes its own connections, with a newer order that the hosts let nothing older pass.
  source_.forget();
  destination_.forget();
  way_.forget();
  last_.reset();
  armed_at_.reset();
}

Task<Result<std::string>> WorkloadMove::perform(Act act, MoveRecord* record) {
  const HandOrder order{record->id, record->order, terms_.owner, config_.take_over};
  source_.act_for(order);
  destination_.act_for(order);
  const auto connected = co_await connect_for(act);
  if (!connected) {
    forget_all();
    co_return connected.error();
  }
  auto words = co_await dispatch(act, record);
  if (!words) forget_all();
  co_return words;
}

Task<Result<std::string>> WorkloadMove::for_each(MemberAct act, MoveRecord* record, Turn turn) {
  std::string all;
  const std::size_t n = record->members.size();
  for (std::size_t i = 0; i < n; ++i) {
    MoveMember& member = record->members[turn == Turn::first_to_last ? i : n - 1 - i];
    const auto words = co_await (this->*act)(record, &member);
    if (!words && n == 1) co_return words;
    if (!words) co_return words.error().in("'" + member.container.str() + "'");
    if (n == 1) co_return words;
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", member.container.str(), *words);
  }
  co_return all;
}

Task<Result<std::string>> WorkloadMove::dispatch(Act act, MoveRecord* record) {
  using enum Turn;
  switch (act) {
    case Act::preflight:
      return for_each(&WorkloadMove::preflight, record, first_to_last);
    case Act::stage_image:
      return stage_images(record);
    case Act::create_destination:
      return for_each(&WorkloadMove::create_destination, record, first_to_last);
    case Act::precopy:
      return precopy(record);
    case Act::fence_source:
      return fence_sources(record);
    case Act::stop_source:
      return stop_sources(record);
    case Act::final_sync:
      return final_sync(record);
    case Act::start_destination:
      return start_destinations(record);
    case Act::check_destination:
      return for_each(&WorkloadMove::check_destination, record, first_to_last);
    case Act::finish_destination:
      return finish_destinations(record);
    case Act::retire_source:
      return retire_sources(record);
    case Act::redirect:
      return redirect(record);
    case Act::clean:
      return clean(record);
    case Act::stop_destination:
      return for_each(&WorkloadMove::stop_destination, record, last_to_first);
    case Act::start_source:
      return start_sources(record);
    case Act::unfence_source:
      return for_each(&WorkloadMove::unfence_source, record, first_to_last);
    case Act::remove_destination:
      return remove_destinations(record);
    case Act::commit:
      break;
  }
  throw std::logic_error("the commit belongs to the driver and its journal");
}

Task<Result<ContainerInspect>> WorkloadMove::inspect_source(const MoveRecord* record,
                                                            const MoveMember* member) {
  const std::string name = member->source_id.empty() ? member->container.str() : member->source_id;
  auto container = co_await source_.engine().inspect(name);
  if (!container && container.error().code == Errc::not_found && !member->source_id.empty()) {
    co_return Error{Errc::not_found,
                    fmt::format("{}: '{}' is not there any more: somebody removed it",
                                record->from.str(), printable(member->container.str()))};
  }
  if (!container) co_return container.error().in(record->from.str());
  co_return container;
}

Task<Result<ContainerInspect>> WorkloadMove::find_copy(const MoveRecord* record,
                                                       const MoveMember* member) {
  for (const auto& name : {member->copy_id, member->adopted_id, record->temporary_name(*member),
                           member->container.str()}) {
    if (name.empty()) continue;
    auto found = co_await destination_.engine().inspect(name);
    if (!found && found.error().code != Errc::not_found) {
      co_return found.error().in(record->to.str());
    }
    if (!found) continue;
    const bool adopted = !member->adopted_id.empty() && found->id == member->adopted_id;
    const auto label = found->labels.find(move_id_label);
    const bool labelled = label != found->labels.end() && label->second == record->id.str();
    if (adopted || labelled) co_return found;
  }
  co_return Error{Errc::not_found, record->to.str() + ": no copy of this move is there"};
}

}  // namespace plimsoll
