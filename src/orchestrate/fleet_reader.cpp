#include "orchestrate/fleet_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "orchestrate/docker_facts.h"
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
  std::map<std::string, ImageInspect> images;
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
    // Strategy cold sends an image whole unless this very one is there: layers in common save
    // nothing yet, and must not be promised.
    state.layers.clear();
    // What Docker runs holds its ports; what is stopped does not.
    if (container->state != "running") state.ports.clear();
    if (visit->with_sizes && container->state == "running") {
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
  const auto containers = co_await read_containers(visit);
  if (!containers) co_return containers.error().in(visit->state.name.str());
  visit->state.detailed = true;
  co_return Result<void>{};
}

PastMove past_move(const MoveRecord& record) {
  PastMove move;
  move.container = record.container;
  move.from = record.from;
  move.to = record.to;
  move.started = record.created;
  move.finished = record.finished.value_or(record.created);
  move.succeeded = is_success(record.progress.state);
  move.bytes = record.actual.bytes;
  move.transfer_s = record.actual.transfer_s;
  move.downtime_s = record.actual.downtime_s;
  // What is no image is the container's own data, as it was foreseen.
  const auto planned = count(record.predicted.bytes);
  move.data = Bytes{planned - std::min(planned, count(record.predicted.image_bytes))};
  return move;
}

const Host* find(const HostList& hosts, const HostId& name) {
  const auto found = std::ranges::find(hosts, name, &Host::name);
  return found == hosts.end() ? nullptr : &*found;
}

}  // namespace

Task<> FleetReader::read_host(Wanted wanted, std::vector<std::string>* problems) {
  RemoteHost remote{executor_, std::move(wanted.host), ssh_};
  Visit visit{remote, *wanted.state, wanted.with_sizes, {}};
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
                                                         std::set<HostId> sources,
                                                         std::set<HostId> receivers) {
  std::vector<std::string> problems;
  std::vector<Task<>> visits;
  std::vector<Host> asked;
  for (HostState& state : fleet->hosts) {
    const bool gives = sources.contains(state.name);
    const Host* host = find(hosts, state.name);
    if (host == nullptr || (!gives && !receivers.contains(state.name))) continue;
    Wanted wanted{*host, &state, gives};
    visits.push_back(read_host(std::move(wanted), &problems));
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
    fleet.under_way.push_back(
        {record.container, record.from, record.to, record.demand, {}, record.created});
  }
  const auto past = journal.since(since);
  if (!past) return past.error();
  for (const MoveRecord& record : *past) {
    const auto state = record.progress.state;
    if (!is_final(state) || state == MoveState::superseded) continue;
    fleet.past.push_back(past_move(record));
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
  std::ranges::sort(cool, [](const HostAssessment* a, const HostAssessment* b) {
    return std::pair{*a->level, a->host} < std::pair{*b->level, b->host};
  });
  for (const HostAssessment* host : cool) {
    if (list.receivers.size() < receivers_max) list.receivers.insert(host->host);
  }
  return list;
}

}  // namespace plimsoll
