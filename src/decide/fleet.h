#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/time.h"
#include "core/units.h"

namespace plimsoll {

/// How deep a host lies in the water, resource by resource. What is not known is absent.
/// Unit: percent of the host's capacity, 0-100.
struct Utilisation {
  std::optional<double> cpu;
  std::optional<double> memory;
  std::optional<double> storage;
  /// Worst "some avg10" of cpu, memory and io. Judged where Lines::pressure says so.
  std::optional<double> pressure;
  friend bool operator==(const Utilisation&, const Utilisation&) = default;
};

/// One reading of a host, as the store gives it back.
struct Sample {
  TimePoint time;
  Utilisation used;  ///< CPU over the interval that ends at `time`.
  friend bool operator==(const Sample&, const Sample&) = default;
};

/// What a host can carry. Absent: not known. Without cores, memory and storage_free it receives
/// nothing.
struct Capacity {
  std::optional<double> cpu_cores;  ///< Fractional where a slice has a quota.
  std::optional<Bytes> memory;
  std::optional<Bytes> storage;       ///< Size of the file system at Docker's root.
  std::optional<Bytes> storage_free;  ///< Free there.
};

enum class Protocol { tcp, udp, sctp };

/// A port of the host that leads into a container.
struct PublishedPort {
  std::uint16_t port = 0;
  Protocol protocol = Protocol::tcp;
  std::string address;  ///< Empty, 0.0.0.0 or ::, all mean every address of the host.
  friend bool operator==(const PublishedPort&, const PublishedPort&) = default;
};

/// A layer of an image. `chain` names it together with all layers below it, since Docker can leave
/// a layer out of a transfer only if everything below is there too. chain_ids() makes it.
struct Layer {
  std::uint64_t chain = 0;
  std::optional<Bytes> bytes;  ///< Uncompressed.
};

/// The chains of a stack of layers: element i stands for the diff_ids 0 to i. Equal on every host
/// and in every run.
/// Source: the layers of `RootFS` in Docker's image inspect, lowest first.
[[nodiscard]] std::vector<std::uint64_t> chain_ids(const std::vector<std::string>& diff_ids);

/// What about a container can make it immovable (MIGRATION, "Not movable"), read from its inspect.
struct Obstacles {
  bool host_network = false;
  bool host_pid = false;
  bool privileged = false;
  bool docker_socket = false;  ///< Docker's own socket is mounted into it.
  bool auto_remove = false;    ///< Started with --rm.
  bool swarm_task = false;
  bool is_plimsoll = false;                   ///< Plimsoll itself or its database.
  std::optional<std::string> network_of;      ///< The container whose network it shares.
  std::vector<std::string> host_namespaces;   ///< "ipc", "uts": shared with the host.
  std::vector<std::string> other_containers;  ///< "--volumes-from db": it cannot be without them.
  std::vector<std::string> unknown_fields;    ///< Settings that we do not know, and would lose.
  std::vector<std::string> devices;           ///< Paths or GPU requests.
  std::vector<std::string> bind_mounts;       ///< Paths on the host.
  std::vector<std::string> foreign_volumes;   ///< "data (driver nfs)": not ours to copy.
};

/// What a container used over the interval that ends at `time`.
struct ContainerSample {
  TimePoint time;
  double cpu_cores = 0;
  Bytes memory{};  ///< Working set.
  friend bool operator==(const ContainerSample&, const ContainerSample&) = default;
};

struct ContainerState {
  ContainerName name;  ///< Unique on its host.
  std::string id;      ///< All 64 hex digits.
  std::string image;   ///< As its creator wrote it.
  std::string image_id;
  std::string architecture;       ///< Of the image; empty: not known.
  std::string state = "running";  ///< Docker's word.
  /// Only plimsoll.* and Compose's are looked at.
  std::map<std::string, std::string> labels;

  std::optional<double> cpu_cores;  ///< In use, mean over the window.
  std::optional<Bytes> memory;      ///< Working set, mean over the window.
  /// In use over sudden_span() (policy.h) up to now, where that is shorter than the window, and
  /// more than it has used before (is_new_height): what a sudden rise is told from. Absent: it is
  /// not, or that is not known.
  std::optional<double> cpu_cores_lately;
  /// Oldest first, each a mean over about one window: what its spread is told from. Empty: not
  /// known, and the means above are all there is.
  std::vector<ContainerSample> samples;
  std::optional<double> cpu_limit_cores;
  std::optional<Bytes> memory_limit;
  std::optional<Bytes> memory_reservation;

  std::optional<Bytes> image_bytes;
  std::vector<Layer> layers;            ///< Lowest first; empty: not known.
  std::optional<Bytes> writable_bytes;  ///< Of its writable layer.
  std::optional<Bytes> volume_bytes;    ///< Of all its volumes and movable bind mounts.
  std::vector<PublishedPort> ports;
  Obstacles obstacles;
};

struct HostState {
  HostId name;
  std::map<std::string, std::string> labels;  ///< From host.csv.
  std::string architecture;                   ///< Empty: not known.
  Capacity capacity;

  bool up = false;                     ///< The last poll was answered.
  std::optional<TimePoint> last_seen;  ///< Time of the newest telemetry.
  bool drained = false;                ///< Receives nothing.
  /// What follows was read from its Docker engine. Without it a host neither gives nor receives.
  bool detailed = false;

  /// Oldest first, at least history_needed() (policy.h) back from now.
  std::vector<Sample> samples;
  std::vector<ContainerState> containers;   ///< Running or not: a stopped one holds its name.
  std::vector<std::string> image_ids;       ///< Images there.
  std::vector<std::uint64_t> layer_chains;  ///< Layers there, see Layer::chain; in any order.
  std::vector<PublishedPort> ports_in_use;  ///< Besides those of `containers`.
};

/// The way from one host to another.
struct Link {
  HostId from;
  HostId to;
  double bytes_per_s = 0;  ///< Goodput.
  double rtt_s = 0;
  bool measured = true;  ///< By a probe or a real move; otherwise a guess of the caller.
};

/// What a container takes with it.
struct Demand {
  double cpu_cores = 0;
  Bytes memory{};
  Bytes storage{};  ///< Bytes that have to be written at the destination.
};

/// A move that has begun, or waits for its turn, and has not ended.
struct MoveUnderWay {
  ContainerName container;
  HostId from;
  HostId to;
  Demand demand;
  std::vector<PublishedPort> ports;
  TimePoint started;
  bool counts = true;  ///< As a move at once: of a unit only one does.
};

/// One kind of what a move sent.
struct PartMoved {
  Bytes written{};     ///< What had to be written at the destination, as sizes told before.
  Bytes sent{};        ///< As it crossed the network.
  double seconds = 0;  ///< In which that was done.
};

/// A move that has ended.
struct PastMove {
  ContainerName container;
  HostId from;
  HostId to;
  TimePoint started;
  TimePoint finished;
  bool succeeded = true;  ///< The container runs at `to`.
  // What it really took, for Learned; 0 or empty where that is not known.
  std::string image_id;  ///< Empty: that of the container of its name at `to`.
  PartMoved image;       ///< Its missing layers.
  PartMoved data;        ///< Writable layer and volumes.
  Bytes held{};          ///< Of the data, what was sent while it stood still.
  double downtime_s = 0;
};

/// Everything a decision looks at, at one moment. Plain data, made by whoever reads store, engines
/// and journal, or by a simulation.
/// Requires: host names are unique, and container names are unique on a host.
struct FleetSnapshot {
  std::vector<HostState> hosts;
  std::vector<Link> links;  ///< Pairs not named here get the policy's assumed link.
  std::vector<MoveUnderWay> under_way;
  std::vector<PastMove> past;  ///< At least memory_needed() (policy.h) back from now.
  /// What the clock on the wall is ahead of UTC now, summer time included: quiet hours are told by
  /// that clock.
  std::chrono::minutes utc_offset{0};
};

}  // namespace plimsoll
