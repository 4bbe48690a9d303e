#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decide/policy.h"
#include "docker/engine.h"

namespace plimsoll {

/// What becomes of a mount when its container moves.
enum class MountFate {
  copied,    ///< Its data goes with the container.
  attached,  ///< The owner says the same thing is there: only mounted, never written by us.
  empty,     ///< Memory: it begins empty.
  refused,
};
[[nodiscard]] const char* mount_fate_name(MountFate fate);

/// What the source's engine knows of a volume or folder beside the container's own document.
struct MountFacts {
  std::string destination;         ///< In the container, as ContainerMount has it.
  bool has_options = false;        ///< A volume mounted with options of its own: NFS and the like.
  std::vector<std::string> users;  ///< Other containers that run and have it too, by name.
};

/// Where Plimsoll's own series are kept: the container that publishes this port is not moved.
struct StorePlace {
  std::string host;  ///< As store.url has it.
  std::uint16_t port = 0;
  std::string host_address;  ///< Of the host that is looked at, as host.csv has it.
};

struct EligibilityRule {
  std::string rule;  ///< The name that plans and plimsoll.allow use.
  bool passed = true;
  std::string detail;  ///< What was looked at, or what is in the way.
  std::string action;  ///< What to do about it; "" where it passed.
};

struct MountReport {
  ContainerMount mount;
  MountFate fate{};
  std::string detail;
};

struct StrategyReport {
  std::string name;
  bool possible = false;
  std::string detail;
};

/// May this container move, and what would become of it: the one list that preflight and
/// `plimsoll check --container` share; the rules that plans know are decide's own.
struct Eligibility {
  std::string container;
  std::vector<EligibilityRule> rules;
  std::vector<std::string> carried;  ///< Set fields, by fate (docs/formats/container-fields.md).
  std::vector<std::string> mapped;
  std::vector<MountReport> mounts;
  std::vector<StrategyReport> strategies;

  [[nodiscard]] bool movable() const;
};

[[nodiscard]] Eligibility judge_eligibility(const ContainerInspect& container,
                                            const ImageInspect& image,
                                            const std::vector<MountFacts>& facts,
                                            const Policy& policy,
                                            const std::optional<StorePlace>& store);

/// By policy and labels alone; volumes with options of their own are told by MountFacts.
[[nodiscard]] MountFate mount_fate(const ContainerInspect& container, const ContainerMount& mount,
                                   const MountFacts& facts, const Policy& policy);

/// Every container of an engine that has this volume, or this folder of the host, running or not.
/// Docker's own filter also finds those that have another one at a place of that name.
/// Errors: the engine's.
[[nodiscard]] Task<Result<std::vector<ContainerInspect>>> mount_users(Engine* engine,
                                                                      ContainerMount mount);

/// Asks the engine of the source. Errors: the engine's.
[[nodiscard]] Task<Result<std::vector<MountFacts>>> read_mount_facts(
    Engine* engine, const ContainerInspect* container);

/// Lines for people.
[[nodiscard]] std::string render_eligibility(const Eligibility& eligibility);
/// One object: {"container", "movable", "rules": [{"rule", "passed", "detail", "action"}],
/// "fields": {"carried", "mapped"}, "mounts": [...], "strategies": [...]}.
[[nodiscard]] std::string render_eligibility_json(const Eligibility& eligibility);

}  // namespace plimsoll
