#include "simulate/line_change.h"

#include <fmt/format.h>

#include "core/text.h"

namespace plimsoll {
namespace {

std::string quoted(std::string_view name) { return "'" + printable(name, 80) + "'"; }

}  // namespace

NamesAfter::NamesAfter(const DecideSession& session, const FleetChange& change,
                       LineProblems& problems)
    : session_(session), change_(change) {
  check_hosts(problems);
  check_containers(problems);
  check_placement(problems);
  check_counts(problems);
}

void NamesAfter::check_hosts(LineProblems& problems) {
  for (const HostState& host : change_.hosts_added) {
    const std::string& name = host.name.str();
    if (name.empty()) continue;
    if (session_.find_host(name) || !hosts_added_.insert(name).second) {
      problems.add(fmt::format("there is a host {} already", quoted(name)));
    }
  }
  for (const std::string& name : change_.hosts_removed) {
    if (!session_.find_host(name) || !hosts_removed_.insert(name).second) {
      problems.add(fmt::format("hosts_removed: there is no host {}", quoted(name)));
    }
  }
}

void NamesAfter::check_containers(LineProblems& problems) {
  for (const std::string& name : change_.containers_removed) {
    if (!session_.find_container(name) || !containers_removed_.insert(name).second) {
      problems.add(fmt::format("containers_removed: there is no container {}", quoted(name)));
    }
  }
  for (const auto& [state, host] : change_.containers_added) {
    const std::string& name = state.name.str();
    if (name.empty() || host.empty()) continue;
    const bool there = session_.find_container(name) && !containers_removed_.contains(name);
    if (there || !containers_added_.insert(name).second) {
      problems.add(fmt::format("there is a container {} already: names are unique in the fleet",
                               quoted(name)));
    }
    if (!this->host(host)) {
      problems.add(
          fmt::format("container {} is on {}: there is no such host", quoted(name), quoted(host)));
    }
  }
}

void NamesAfter::check_placement(LineProblems& problems) {
  for (const auto& [container, host] : change_.placement) placement_.emplace(container, host);
  for (const auto& [container, host] : change_.placement) {
    if (!this->container(container)) {
      problems.add(fmt::format("placement: there is no container {}", quoted(container)));
    }
    if (!this->host(host)) {
      problems.add(fmt::format("placement: there is no host {}", quoted(host)));
    }
  }
}

void NamesAfter::check_counts(LineProblems& problems) const {
  const std::size_t hosts = session_.hosts_alive() + hosts_added_.size();
  const std::size_t containers = session_.containers_alive() + containers_added_.size();
  if (hosts > hosts_max + hosts_removed_.size()) {
    problems.add(fmt::format("more than {} hosts", hosts_max));
  }
  if (containers > containers_max + containers_removed_.size()) {
    problems.add(fmt::format("more than {} containers", containers_max));
  }
}

std::optional<std::size_t> NamesAfter::host(std::string_view name) const {
  if (hosts_added_.contains(name)) return to_come;
  if (hosts_removed_.contains(name)) return std::nullopt;
  return session_.find_host(name);
}

std::optional<std::size_t> NamesAfter::container(std::string_view name) const {
  const auto there = session_.find_container(name);
  if (containers_added_.contains(name)) return to_come;
  if (!there || containers_removed_.contains(name)) return std::nullopt;
  if (hosts_removed_.empty() || placement_.contains(name)) return there;
  const std::string& host = session_.host_name(session_.host_of(*there));
  return hosts_removed_.contains(host) ? std::nullopt : there;
}

void make_change(DecideSession& session, FleetChange change) {
  for (const std::string& name : change.containers_removed) {
    session.remove_container(*session.find_container(name));
  }
  for (const HostState& host : change.hosts_added) session.add_host(host);
  for (auto& [state, host] : change.containers_added) {
    session.add_container(std::move(state), *session.find_host(host));
  }
  for (const auto& [container, host] : change.placement) {
    session.place(*session.find_container(container), *session.find_host(host));
  }
  for (const std::string& name : change.hosts_removed) {
    session.remove_host(*session.find_host(name));
  }
}

}  // namespace plimsoll
