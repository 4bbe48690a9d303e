#include "orchestrate/eligibility.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "decide/eligible.h"
#include "decide/labels.h"
#include "docker/container_fields.h"
#include "orchestrate/docker_facts.h"

namespace plimsoll {
namespace {

/// What a rule looks at, and what to do where it does not pass.
struct RuleWords {
  Rule rule{};
  const char* passed;
  const char* action;
};

constexpr RuleWords rule_words[] = {
    {Rule::not_running, "it runs", "start it first"},
    {Rule::self, "it is neither Plimsoll nor its database",
     "move it by hand, with Plimsoll stopped; plimsoll.self=no where this is a mistake"},
    {Rule::label_never, "its owner does not forbid it", "ask its owner, or migrate --force"},
    {Rule::pinned, "it is not pinned to this host", "ask its owner, or migrate --force"},
    {Rule::quiet, "its quiet hours can be read", "correct the label"},
    {Rule::max_downtime, "its plimsoll.max-downtime can be read", "correct the label"},
    {Rule::host_network, "it has a network of its own",
     "publish its ports instead; or plimsoll.allow=host_network, if the other host's will do"},
    {Rule::host_pid, "it does not see the host's processes",
     "plimsoll.allow=host_pid, if the other host's will do"},
    {Rule::host_namespace, "its IPC and host name are its own",
     "plimsoll.allow=host_namespace, if the other host's will do"},
    {Rule::container_network, "it shares no other container's network",
     "give both the same plimsoll.group or Compose project: they move together"},
    {Rule::other_container, "it needs no other container of this host",
     "give both the same plimsoll.group or Compose project; or a volume of their own name"},
    {Rule::privileged, "it is not privileged",
     "--cap-add for what it needs; or plimsoll.allow=privileged"},
    {Rule::devices, "it uses no devices", "plimsoll.allow=devices, if the other host has them too"},
    {Rule::docker_socket, "it does not command Docker",
     "plimsoll.allow=docker_socket, if it may command the other host's"},
    {Rule::swarm, "it is no Swarm task", "drain the node in Swarm"},
    {Rule::auto_remove, "it outlives its stop", "start it without --rm"},
    {Rule::bind_mount, "it mounts no folder of the host that is not allowed",
     "add the folder to orchestrator.allowed_bind_mounts: it is copied; or plimsoll.allow="
     "bind_mount: the path is there on every host, and not copied; or use a volume"},
    {Rule::foreign_volume, "its volumes are this host's own",
     "plimsoll.allow=foreign_volume: a volume of that name is there too, and is not copied"},
    {Rule::unknown_field, "each of its settings is known",
     "make it without that setting, or ask for a Plimsoll that knows it"},
};

const MountFacts& facts_of(const std::vector<MountFacts>& all, const ContainerMount& mount) {
  static const MountFacts nothing;
  const auto found = std::ranges::find(all, mount.destination, &MountFacts::destination);
  return found == all.end() ? nothing : *found;
}

bool is_socket(const ContainerMount& mount) {
  return mount.type == "bind" && mount.source.ends_with(".sock");
}

bool allows(const ContainerInspect& container, Rule rule) {
  ContainerState state;
  state.labels = container.labels;
  return owner_allows(state, rule_name(rule));
}

bool publishes(const ContainerInspect& container, std::uint16_t port) {
  return std::ranges::any_of(container.ports,
                             [&](const PortBinding& binding) { return binding.host_port == port; });
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

/// The database that the store's address leads to. One on loopback may be on any host, so there its
/// kind must fit too.
bool keeps_the_store(const ContainerInspect& container, const StorePlace& store) {
  if (!publishes(container, store.port)) return false;
  if (!is_loopback(store.host)) return store.host == store.host_address;
  return container.image.find("influxdb") != std::string::npos ||
         container.image.find("victoria") != std::string::npos;
}

class Judge {
 public:
  Judge(const ContainerInspect& container, const ImageInspect& image,
        const std::vector<MountFacts>& facts, const Policy& policy)
      : container_(container), image_(image), facts_(facts), policy_(policy) {}

  Eligibility run(const std::optional<StorePlace>& store) {
    report_.container = container_.name;
    for (const ContainerMount& mount : container_.mounts) judge_mount(mount);
    judge_known_rules(store);
    judge_shared_data();
    judge_layer();
    report_.carried = set_container_fields(container_.document, FieldFate::carried);
    report_.mapped = set_container_fields(container_.document, FieldFate::mapped);
    judge_strategies();
    return std::move(report_);
  }

 private:
  void add(const std::string& rule, bool passed, const std::string& detail,
           const std::string& action) {
    report_.rules.push_back({rule, passed, detail, passed ? "" : action});
  }

  void judge_mount(const ContainerMount& mount) {
    const MountFate fate = mount_fate(container_, mount, facts_of(facts_, mount), policy_);
    std::string detail;
    switch (fate) {
      case MountFate::copied:
        detail = mount.type == "bind" ? "made there where it is missing; must be empty there" : "";
        break;
      case MountFate::attached:
        detail = "must be there; is not copied";
        break;
      case MountFate::empty:
        detail = "memory: begins empty";
        break;
      case MountFate::refused:
        detail = "not ours to copy";
        break;
    }
    report_.mounts.push_back({mount, fate, std::move(detail)});
  }

  std::vector<Obstacle> obstacles() const {
    auto state = container_state(container_, &image_, nullptr);
    // Its use is looked at when a move is planned; here it is the container itself.
    state.cpu_cores = 0;
    state.memory = Bytes{};
    for (const ContainerMount& mount : container_.mounts) {
      const bool with_options = mount.driver == "local" && facts_of(facts_, mount).has_options;
      if (with_options) {
        state.obstacles.foreign_volumes.push_back(mount.name + " (options of its own)");
      }
    }
    return obstacles_of(state, HostState{}, policy_);
  }

  void judge_known_rules(const std::optional<StorePlace>& store) {
    const auto found = obstacles();
    for (const RuleWords& words : rule_words) {
      const auto hit = std::ranges::find(found, words.rule, &Obstacle::rule);
      const bool is_store =
          words.rule == Rule::self && store && keeps_the_store(container_, *store);
      const std::string name{rule_name(words.rule)};
      if (hit != found.end()) {
        add(name, false, hit->detail, words.action);
      } else if (is_store) {
        add(name, false, "store.url leads to it: it keeps Plimsoll's own series", words.action);
      } else {
        add(name, true, words.passed, "");
      }
    }
  }

  void judge_shared_data() {
    std::string shared;
    for (const MountReport& report : report_.mounts) {
      const auto& users = facts_of(facts_, report.mount).users;
      if (report.fate != MountFate::copied || users.empty()) continue;
      const auto& mount = report.mount;
      shared += fmt::format("{}{} is also used by {}", shared.empty() ? "" : "; ",
                            printable(mount.type == "bind" ? mount.source : mount.name),
                            printable(fmt::format("{}", fmt::join(users, ", ")), 200));
    }
    add("shared_data", shared.empty(),
        shared.empty() ? "no other running container uses its data" : shared,
        "move them together (plimsoll.group, or one Compose project), or stop the others");
  }

  void judge_layer() {
    add("storage_driver", container_.storage_driver == "overlay2",
        fmt::format("its writable layer is kept by '{}'", printable(container_.storage_driver)),
        "only overlay2's can be carried over");
    const bool is_safe =
        is_safe_path(container_.upper_dir) &&
        std::ranges::all_of(report_.mounts, [](const MountReport& report) {
          return report.fate != MountFate::copied || is_safe_path(report.mount.source);
        });
    add("paths", is_safe,
        is_safe ? "its paths may be named to a shell"
                : "a path of its data has characters that we do not send to a shell",
        "rename the folder");
  }

  void judge_strategies() {
    const bool movable = report_.movable();
    const std::string why = movable ? "" : "a rule above is not passed";
    report_.strategies.push_back(
        {"cold", movable, movable ? "stands still while all it has written is copied" : why});
    report_.strategies.push_back(
        {"warm", movable,
         movable ? "stands still for the last changes only; needs root or sudo on both hosts"
                 : why});
    report_.strategies.push_back({"live", false, "its memory cannot be moved yet"});
  }

  const ContainerInspect& container_;
  const ImageInspect& image_;
  const std::vector<MountFacts>& facts_;
  const Policy& policy_;
  Eligibility report_;
};

}  // namespace

const char* mount_fate_name(MountFate fate) {
  switch (fate) {
    case MountFate::copied:
      return "copied";
    case MountFate::attached:
      return "attached";
    case MountFate::empty:
      return "empty";
    case MountFate::refused:
      return "refused";
  }
  return "";
}

MountFate mount_fate(const ContainerInspect& container, const ContainerMount& mount,
                     const MountFacts& facts, const Policy& policy) {
  if (mount.type == "tmpfs") return MountFate::empty;
  const auto waived = [&](Rule rule) {
    return allows(container, rule) ? MountFate::attached : MountFate::refused;
  };
  if (mount.type == "bind") {
    if (is_socket(mount)) return waived(Rule::docker_socket);
    if (is_allowed_bind_mount(mount.source, policy)) return MountFate::copied;
    return waived(Rule::bind_mount);
  }
  if (mount.type != "volume") return MountFate::refused;
  if (mount.driver != "local" || facts.has_options) return waived(Rule::foreign_volume);
  return MountFate::copied;
}

bool Eligibility::movable() const {
  return std::ranges::all_of(rules, [](const EligibilityRule& rule) { return rule.passed; });
}

Eligibility judge_eligibility(const ContainerInspect& container, const ImageInspect& image,
                              const std::vector<MountFacts>& facts, const Policy& policy,
                              const std::optional<StorePlace>& store) {
  return Judge{container, image, facts, policy}.run(store);
}

Task<Result<std::vector<ContainerInspect>>> mount_users(Engine* engine, ContainerMount mount) {
  const std::string name = mount.type == "bind" ? mount.source : mount.name;
  const auto candidates = co_await engine->containers_with_volume(name);
  if (!candidates) co_return candidates.error();
  std::vector<ContainerInspect> users;
  for (const ContainerSummary& candidate : *candidates) {
    auto container = co_await engine->inspect(candidate.id);
    if (!container && container.error().code == Errc::not_found) continue;
    if (!container) co_return container.error();
    const bool has_it = std::ranges::any_of(container->mounts, [&](const ContainerMount& other) {
      return other.type == mount.type && other.name == mount.name &&
             (mount.type == "volume" || other.source == mount.source);
    });
    if (has_it) users.push_back(std::move(*container));
  }
  co_return users;
}

Task<Result<std::vector<MountFacts>>> read_mount_facts(Engine* engine,
                                                       const ContainerInspect* container) {
  std::vector<MountFacts> all;
  for (const ContainerMount& mount : container->mounts) {
    if (mount.type != "volume" && mount.type != "bind") continue;
    MountFacts facts;
    facts.destination = mount.destination;
    if (mount.type == "volume") {
      const auto volume = co_await engine->inspect_volume(mount.name);
      if (!volume) co_return volume.error();
      facts.has_options = !is_unset(member(*volume, "Options"));
    }
    const auto users = co_await mount_users(engine, mount);
    if (!users) co_return users.error();
    for (const ContainerInspect& user : *users) {
      if (user.id != container->id && user.state == "running") facts.users.push_back(user.name);
    }
    all.push_back(std::move(facts));
  }
  co_return all;
}

}  // namespace plimsoll
