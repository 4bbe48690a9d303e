#include "orchestrate/fleet_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <tuple>
#include <utility>

#include "decide/labels.h"
#include "orchestrate/docker_facts.h"
#include "orchestrate/listening_ports.h"
#include "orchestrate/remote_host.h"
#include "remote/copy_tree.h"
#include "runtime/run_all.h"

namespace plimsoll {
namespace {

constexpr std::size_t images_max = 300;

/// What one visit to a host brings home.
struct Visit {
  RemoteHost& remote;
  HostState& state;
  bool with_sizes;
  const std::map<std::string, std::string>& defaults;  // labels
  std::map<std::string, ImageInspect> images;
  std::map<std::string, std::vector<Bytes>> layer_sizes;  // by image
};

Task<Result<void>> read_images(Visit* visit) {
  const auto list = co_await visit->remote.engine().images();
  if (!list) co_return list.error();
  for (const ImageSummary& summary : *list) {
    if (visit->images.size() >= images_max) break;
    auto image = co_await visit->remote.engine().inspect_image(summary.id);
    // One that was removed in the meantime is no loss.
    if (!image) continue;
    visit->state.image_ids.push_back(image->id);
    const auto chains = chain_ids(image->diff_ids);
    visit->state.layer_chains.insert(visit->state.layer_chains.end(), chains.begin(), chains.end());
    visit->images.emplace(image->id, std::move(*image));
  }
  co_return Result<void>{};
}

/// Of the layers of its image, asked for once.
Task<> add_sizes(Visit* visit, ContainerState* state) {
  auto known = visit->layer_sizes.find(state->image_id);
  if (known == visit->layer_sizes.end()) {
    auto sizes = co_await visit->remote.engine().layer_sizes(state->image_id);
    // Without them the layers that are missing count as all that is not known to be there.
    if (!sizes) co_return;
    known = visit->layer_sizes.emplace(state->image_id, std::move(*sizes)).first;
  }
  add_layer_sizes(known->second, state->layers);
}

Task<Bytes> volume_bytes(Visit* visit, std::vector<ContainerMount> mounts) {
  Bytes total{};
  for (const ContainerMount& mount : mounts) {
    if (mount.type != "volume" || mount.driver != "local") continue;
    const auto bytes = co_await tree_bytes(&visit->remote.ssh(), mount.source);
    if (bytes) total += *bytes;
  }
  co_return total;
}

const ContainerState* measured(const std::vector<ContainerState>& known, const std::string& name) {
  const auto found = std::ranges::find_if(
      known, [&](const ContainerState& each) { return each.name.str() == name; });
  return found == known.end() ? nullptr : &*found;
}

Task<Result<void>> read_containers(Visit* visit) {
  const auto list = co_await visit->remote.engine().containers();
  if (!list) co_return list.error();
  const auto known = std::move(visit->state.containers);
  visit->state.containers.clear();
  for (const ContainerSummary& summary : *list) {
    auto container = co_await visit->remote.engine().inspect(summary.id);
    if (!container) continue;
    const auto image = visit->images.find(container->image_id);
    auto state =
        container_state(*container, image == visit->images.end() ? nullptr : &image->second,
                        measured(known, container->name));
    add_default_labels(visit->defaults, state);
    // What Docker runs holds its ports; what is stopped does not.
    if (container->state != "running") state.ports.clear();
    if (visit->with_sizes && container->state == "running") {
      auto sizing = add_sizes(visit, &state);
      co_await std::move(sizing);
      const auto writable = co_await visit->remote.engine().writable_bytes(container->id);
      if (writable) state.writable_bytes = *writable;
      auto measuring = volume_bytes(visit, container->mounts);
      state.volume_bytes = co_await std::move(measuring);
    }
    visit->state.containers.push_back(std::move(state));
  }
  co_return Result<void>{};
}

Task<Result<void>> visit_host(Visit* visit) {
  const auto connected = co_await visit->remote.connect();
  if (!connected) co_return connected.error();
  const auto facts = co_await visit->remote.engine().facts();
  if (!facts) co_return facts.error().in(visit->state.name.str());
  // Docker's word for it ("amd64"), as images have it, not the kernel's.
  visit->state.architecture = facts->architecture;
  const auto images = co_await read_images(visit);
  if (!images) co_return images.error().in(visit->state.name.str());
  visit->state.ports_in_use = co_await listening_ports(&visit->remote.ssh());
  const auto containers = co_await read_containers(visit);
  if (!containers) co_return containers.error().in(visit->state.name.str());
  visit->state.detailed = true;
  co_return Result<void>{};
}

Bytes less(Bytes whole, Bytes part) {
  return Bytes{count(whole) - std::min(count(whole), count(part))};
}

/// Of each container that moved; what it all took is told of the first.
std::vector<PastMove> past_moves(const MoveRecord& record) {
  std::vector<PastMove> moves;
  for (const MoveMember& member : record.members) {
    PastMove& move = moves.emplace_back();
    move.container = member.container;
    move.from = record.from;
    move.to = record.to;
    move.started = record.created;
    move.finished = record.finished.value_or(record.created);
    move.succeeded = is_success(record.progress.state);
    move.image_id = member.image;
  }
  if (moves.empty()) return moves;
  PastMove& first = moves.front();
  const MoveActual& actual = record.actual;
  // Of an undo nearly everything is there: what it sends tells nothing of other moves.
  if (record.undoes.empty()) {
    const Bytes image = record.predicted.image_written;
    first.image = {image, actual.image_bytes, actual.image_s};
    first.data = {less(record.demand.storage, image), less(actual.bytes, actual.image_bytes),
                  actual.transfer_s - actual.image_s};
  }
  first.held = actual.held_bytes;
  // A unit is stopped for as long as all its containers need: that tells nothing of one image.
  if (moves.size() == 1) first.downtime_s = actual.downtime_s;
  return moves;
}

/// The demand of a unit is told of the first of its containers.
void add_under_way(const MoveRecord& record, std::vector<MoveUnderWay>& moves) {
  bool first = true;
  for (const MoveMember& member : record.members) {
    MoveUnderWay move{member.container, record.from, record.to, {}, member.ports, record.created};
    if (first) move.demand = record.demand;
    move.counts = std::exchange(first, false);
    moves.push_back(std::move(move));
  }
}

const Host* find(const HostList& hosts, const HostId& name) {
  const auto found = std::ranges::find(hosts, name, &Host::name);
  return found == hosts.end() ? nullptr : &*found;
}

}  // namespace

Task<> FleetReader::read_host(Wanted wanted, const Policy* policy,
                              std::vector<std::string>* problems) {
  RemoteHost remote{executor_, std::move(wanted.host), ssh_};
  Visit visit{remote, *wanted.state, wanted.with_sizes, policy->labels, {}, {}};
  const auto visited = co_await visit_host(&visit);
  if (!visited) problems->push_back(visited.error().message);
}

Task<> FleetReader::read_links(Host from, std::vector<Host> to, FleetSnapshot* fleet,
                               std::vector<std::string>* problems) {
  // One after the other: probes side by side would measure each other.
  for (const Host& host : to) {
    const auto link = co_await goodput_.measure(from, host);
    if (link) {
      fleet->links.push_back(*link);
    } else {
      problems->push_back(link.error().message);
    }
  }
}

Task<std::vector<std::string>> FleetReader::read_details(FleetSnapshot* fleet, HostList hosts,
                                                         Policy policy, std::set<HostId> sources,
                                                         std::set<HostId> receivers) {
  std::vector<std::string> problems;
  std::vector<Task<>> visits;
  std::vector<Host> asked;
  for (HostState& state : fleet->hosts) {
    const bool gives = sources.contains(state.name);
    const Host* host = find(hosts, state.name);
    if (host == nullptr || (!gives && !receivers.contains(state.name))) continue;
    Wanted wanted{*host, &state, gives};
    visits.push_back(read_host(std::move(wanted), &policy, &problems));
    asked.push_back(*host);
  }
  co_await run_all(std::move(visits));
  // A host that could not be read takes part in no move: the way to it needs no measuring.
  std::vector<Host> reached;
  std::ranges::copy_if(asked, std::back_inserter(reached), [fleet](const Host& host) {
    return std::ranges::any_of(fleet->hosts, [&host](const HostState& state) {
      return state.name == host.name && state.detailed;
    });
  });
  for (const Host& from : reached) {
    if (!sources.contains(from.name)) continue;
    std::vector<Host> others;
    std::ranges::copy_if(reached, std::back_inserter(others), [&](const Host& host) {
      return host.name != from.name && receivers.contains(host.name);
    });
    co_await read_links(from, std::move(others), fleet, &problems);
  }
  co_return problems;
}

std::chrono::minutes local_utc_offset(TimePoint at) {
  const std::time_t time = std::chrono::system_clock::to_time_t(at);
  std::tm local{};
  if (::localtime_r(&time, &local) == nullptr) return std::chrono::minutes{0};
  return std::chrono::duration_cast<std::chrono::minutes>(std::chrono::seconds{local.tm_gmtoff});
}

Result<void> add_moves(FleetSnapshot& fleet, Journal& journal, TimePoint since) {
  const auto open = journal.open_moves();
  if (!open) return open.error();
  for (const MoveRecord& record : *open) {
    if (record.progress.state == MoveState::planned) continue;
    add_under_way(record, fleet.under_way);
  }
  const auto past = journal.since(since);
  if (!past) return past.error();
  for (const MoveRecord& record : *past) {
    const auto state = record.progress.state;
    if (!is_final(state) || state == MoveState::superseded) continue;
    for (PastMove& move : past_moves(record)) fleet.past.push_back(std::move(move));
  }
  return {};
}

Result<void> forget_forwards(FleetSnapshot& fleet, Journal& journal) {
  auto gone = journal.retired();
  const auto open = journal.open_moves();
  if (!gone) return gone.error();
  if (!open) return open.error();
  gone->insert(gone->end(), open->begin(), open->end());
  for (HostState& host : fleet.hosts) {
    for (const MoveRecord& record : *gone) {
      if (record.from != host.name) continue;
      for (const MoveMember& member : record.members) {
        std::erase_if(host.ports_in_use, [&](const PublishedPort& port) {
          return std::ranges::any_of(member.ports, [&](const PublishedPort& left) {
            return left.port == port.port && left.protocol == port.protocol;
          });
        });
      }
    }
  }
  return {};
}

ReadingList reading_list(const std::vector<HostAssessment>& hosts, std::size_t receivers_max) {
  ReadingList list;
  std::vector<const HostAssessment*> cool;
  for (const HostAssessment& host : hosts) {
    if (host.hot) {
      list.sources.insert(host.host);
    } else if (host.up && !host.stale && host.level) {
      cool.push_back(&host);
    }
  }
  const auto order = [](const HostAssessment* host) {
    return std::tuple{host->risk.value_or(0), *host->level, host->host};
  };
  std::ranges::sort(cool, {}, order);
  for (const HostAssessment* host : cool) {
    if (list.receivers.size() < receivers_max) list.receivers.insert(host->host);
  }
  return list;
}

}  // namespace plimsoll
