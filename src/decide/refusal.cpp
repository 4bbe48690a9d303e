#include <fmt/format.h>

#include <cmath>

#include "core/text.h"
#include "decide/feasible.h"
#include "decide/labels.h"

namespace plimsoll {
namespace {

std::string bytes_text(double bytes) {
  return format_bytes(static_cast<std::uint64_t>(std::llround(bytes)));
}

std::string describe_use(const char* what, const Refusal& refusal) {
  return fmt::format("{} would be at {:.1f} %, target {:.4g}", what, refusal.would, refusal.may);
}

std::string describe_limit(const Refusal& refusal, const ContainerState& container) {
  if (container.cpu_limit_cores && *container.cpu_limit_cores == refusal.would) {
    return fmt::format("its limit is {:.4g} cores, the host has {:.4g}", refusal.would,
                       refusal.may);
  }
  return fmt::format("its limit or all reservations need {} of memory, the host has {}",
                     bytes_text(refusal.would), bytes_text(refusal.may));
}

std::string describe_disk(const Refusal& refusal, const HostState& host) {
  if (!host.capacity.storage_free) return "the free space at Docker's root is not known";
  return fmt::format("needs {} free at Docker's root, has {}", bytes_text(refusal.would),
                     bytes_text(refusal.may));
}

std::string label_text(const ContainerState& container, const std::string& key) {
  const std::string* value = label(container, key);
  return value ? printable(*value) : "";
}

std::string describe_unmeasured(const HostState& host) {
  const bool sized = host.capacity.cpu_cores && host.capacity.memory;
  return sized ? "its use of CPU or memory is not known" : "its cores or memory are not known";
}

std::string describe_silent(const HostBook& book) {
  if (!book.state->up) return "it does not answer";
  if (!book.seen.age) return "it was never heard of";
  return fmt::format("its telemetry is {} old", format_duration(*book.seen.age));
}

}  // namespace

std::string describe(const Refusal& refusal, const Ledger& ledger, const Traveller& traveller,
                     std::size_t to) {
  const ContainerState& container = *traveller.container;
  const HostBook& book = ledger.book(to);
  const HostState& host = *book.state;
  switch (refusal.rule) {
    case Rule::same_host:
      return "it is there already";
    case Rule::silent:
      return describe_silent(book);
    case Rule::drained:
      return "it is drained";
    case Rule::not_read:
      return "its Docker data was not read";
    case Rule::host_cooldown:
      return "it has just given or received; its load since is not known";
    case Rule::unmeasured:
      return describe_unmeasured(host);
    case Rule::host_limit:
      return fmt::format("it takes part in {:.0f} moves, {:.0f} may be at once", refusal.would,
                         refusal.may);
    case Rule::goes_back:
      return fmt::format("the container left it less than {} ago",
                         format_duration(ledger.policy().return_after));
    case Rule::architecture:
      return fmt::format("the image is for {}, the host is {}", printable(container.architecture),
                         printable(host.architecture));
    case Rule::name_taken:
      return "it has a container of that name";
    case Rule::pinned:
      return fmt::format("its owner pins it to {}", label_text(container, "plimsoll.pin"));
    case Rule::apart:
      return fmt::format("it is kept apart from others of '{}' there",
                         label_text(container, "plimsoll.apart"));
    case Rule::port_taken:
      return fmt::format("its port {:.0f} is in use", refusal.would);
    case Rule::limit:
      return describe_limit(refusal, container);
    case Rule::cpu:
      return describe_use("CPU", refusal);
    case Rule::memory:
      return describe_use("memory", refusal);
    case Rule::storage:
      return describe_use("storage", refusal);
    case Rule::load:
      return fmt::format("its load would be {:.2f} of its line, target {:.4g}", refusal.would,
                         refusal.may);
    case Rule::disk:
      return describe_disk(refusal, host);
    case Rule::link:
      return "no way leads there";
    case Rule::max_downtime:
      return fmt::format("the stop would take {:.1f} s, plimsoll.max-downtime is {:.4g} s",
                         refusal.would, refusal.may);
    case Rule::silent_fleet:
    case Rule::not_held:
    case Rule::fleet_limit:
    case Rule::nothing_to_move:
    case Rule::no_destination:
    case Rule::gain_too_small:
    case Rule::unknown:
    case Rule::not_running:
    case Rule::self:
    case Rule::under_way:
    case Rule::cooldown:
    case Rule::label_never:
    case Rule::group:
    case Rule::host_network:
    case Rule::host_pid:
    case Rule::container_network:
    case Rule::devices:
    case Rule::privileged:
    case Rule::docker_socket:
    case Rule::bind_mount:
    case Rule::foreign_volume:
    case Rule::swarm:
    case Rule::auto_remove:
    case Rule::too_small:
      break;  // never said of a destination
  }
  return std::string{rule_name(refusal.rule)};
}

}  // namespace plimsoll
