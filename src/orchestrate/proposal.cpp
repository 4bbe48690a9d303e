#include "orchestrate/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace plimsoll {
namespace {

MoveMember member_of(const Move& move) {
  MoveMember member;
  member.container = move.container;
  member.image = move.image_id;
  member.ports = move.ports;
  return member;
}

MoveRecord begin_record(const Move& move, const ProposalTerms& terms) {
  MoveRecord record;
  record.id = make_move_id();
  record.container = move.container;
  record.members = {member_of(move)};
  record.from = move.from;
  record.to = move.to;
  record.strategy = terms.strategy;
  record.reason = move.reason;
  record.created = terms.now;
  record.predicted = move.predicted;
  record.demand = move.demand;
  record.progress.state = move.ask ? MoveState::planned : terms.state;
  return record;
}

/// One more container that goes the same way at the same time.
void join(MoveRecord& record, const Move& move) {
  record.container = ContainerName{move.unit};
  record.members.push_back(member_of(move));
  record.predicted.bytes += move.predicted.bytes;
  record.predicted.image_bytes += move.predicted.image_bytes;
  record.predicted.image_written += move.predicted.image_written;
  record.predicted.transfer_s += move.predicted.transfer_s;
  record.predicted.downtime_s += move.predicted.downtime_s;
  record.demand.cpu_cores += move.demand.cpu_cores;
  record.demand.memory += move.demand.memory;
  record.demand.storage += move.demand.storage;
  if (move.ask) record.progress.state = MoveState::planned;
}

using Key = std::tuple<std::string, HostId, HostId>;

}  // namespace

std::vector<MoveRecord> records_of(const std::vector<Move>& moves, const ProposalTerms& terms) {
  std::vector<const Move*> sorted;
  for (const Move& move : moves) sorted.push_back(&move);
  std::ranges::stable_sort(sorted, {}, [](const Move* move) { return move->order; });
  std::vector<MoveRecord> records;
  std::vector<Key> keys;
  std::vector<bool> in_turn;
  for (const Move* move : sorted) {
    const Key key{move->unit, move->from, move->to};
    const auto known = move->unit.empty() ? keys.end() : std::ranges::find(keys, key);
    if (known != keys.end()) {
      join(records[static_cast<std::size_t>(known - keys.begin())], *move);
      continue;
    }
    records.push_back(begin_record(*move, terms));
    keys.push_back(key);
    in_turn.push_back(move->order > 0);
  }
  for (std::size_t i = 1; i < records.size(); ++i) {
    if (!in_turn[i] || !in_turn[i - 1]) continue;
    records[i].after = records[i - 1].id;
    if (records[i - 1].progress.state == MoveState::planned) {
      records[i].progress.state = MoveState::planned;
    }
  }
  return records;
}

Result<MoveRecord> undo_of(const MoveRecord& record, const ProposalTerms& terms) {
  if (record.progress.state != MoveState::source_retired) {
    return Error{Errc::conflict,
                 fmt::format("move {} is {}: only a move whose source is still kept can be undone",
                             record.id.str(), state_name(record.progress.state))};
  }
  MoveRecord undo;
  undo.id = make_move_id();
  undo.container = record.container;
  undo.from = record.to;
  undo.to = record.from;
  undo.strategy = terms.strategy;
  undo.reason = fmt::format("undo of move {}", record.id.str());
  undo.undoes = record.id;
  undo.created = terms.now;
  undo.demand = record.demand;
  undo.progress.state = terms.state;
  for (const MoveMember& old : record.members) {
    MoveMember member;
    member.container = old.container;
    member.image = old.image;
    member.ports = old.ports;
    member.source_id = old.copy_id;
    member.adopted_id = old.source_id;
    member.adopted_name = record.retired_name(old);
    undo.members.push_back(std::move(member));
  }
  return undo;
}

}  // namespace plimsoll
