#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "decide/fleet.h"
#include "decide/policy.h"

namespace plimsoll::test {

/// The "now" of fleets made here.
inline constexpr TimePoint builder_now =
    std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + std::chrono::hours{12};

/// A container in one expression: `ContainerBuilder("web").cpu(0.4).image("app", 100 * mib)`.
class ContainerBuilder {
 public:
  explicit ContainerBuilder(const std::string& name) {
    container_.name = ContainerName{name};
    container_.id = std::string(64, 'a');
    image("sha256:" + name, 5 * mib);
    container_.architecture = "amd64";
    container_.cpu_cores = 0.01;
    container_.memory = Bytes{8 * mib};
    container_.writable_bytes = Bytes{};
    container_.volume_bytes = Bytes{};
  }

  ContainerBuilder& cpu(double cores) { return set(&ContainerState::cpu_cores, cores); }
  ContainerBuilder& memory(std::uint64_t bytes) {
    return set(&ContainerState::memory, Bytes{bytes});
  }
  ContainerBuilder& image(const std::string& id, std::uint64_t bytes) {
    container_.image = id;
    container_.image_id = id;
    return set(&ContainerState::image_bytes, Bytes{bytes});
  }
  ContainerBuilder& layer(std::uint64_t chain, std::optional<Bytes> bytes) {
    container_.layers.push_back({chain, bytes});
    return *this;
  }
  ContainerBuilder& data(std::uint64_t writable, std::uint64_t volumes = 0) {
    container_.volume_bytes = Bytes{volumes};
    return set(&ContainerState::writable_bytes, Bytes{writable});
  }
  ContainerBuilder& port(std::uint16_t number, Protocol protocol = Protocol::tcp,
                         const std::string& address = {}) {
    container_.ports.push_back({number, protocol, address});
    return *this;
  }
  ContainerBuilder& label(const std::string& key, const std::string& value) {
    container_.labels[key] = value;
    return *this;
  }
  /// Any other field: `.set(&ContainerState::architecture, "arm64")`.
  template <class Field, class Value>
  ContainerBuilder& set(Field ContainerState::*field, Value value) {
    container_.*field = std::move(value);
    return *this;
  }
  template <class Field, class Value>
  ContainerBuilder& obstacle(Field Obstacles::*field, Value value) {
    container_.obstacles.*field = std::move(value);
    return *this;
  }
  operator ContainerState() const { return container_; }  // NOLINT: that is what it is for

 private:
  ContainerState container_;
};

/// A host in one expression. By itself: 4 cores, 8 GiB, 100 GiB disk, half of it free, lightly
/// loaded for ten minutes, fully read.
class HostBuilder {
 public:
  explicit HostBuilder(const std::string& name) {
    host_.name = HostId{name};
    host_.architecture = "amd64";
    host_.capacity = {4.0, Bytes{8 * gib}, Bytes{100 * gib}, Bytes{50 * gib}};
    host_.up = true;
    host_.detailed = true;
    load(20, 30, 40);
  }

  HostBuilder& cores(double count) {
    host_.capacity.cpu_cores = count;
    return *this;
  }
  HostBuilder& memory(std::uint64_t bytes) {
    host_.capacity.memory = Bytes{bytes};
    return *this;
  }
  HostBuilder& free_disk(std::uint64_t bytes) {
    host_.capacity.storage_free = Bytes{bytes};
    return *this;
  }
  /// The same figures every 5 s for ten minutes, up to `last` before now.
  HostBuilder& load(double cpu, double memory = 30, double storage = 40,
                    Duration last = Duration{0}) {
    host_.samples.clear();
    for (Duration ago = std::chrono::minutes{10}; ago >= last; ago -= std::chrono::seconds{5}) {
      host_.samples.push_back({builder_now - ago, {cpu, memory, storage, {}}});
    }
    host_.last_seen = builder_now - last;
    return *this;
  }
  /// The CPU of the newest samples, 5 s apart, the last one now.
  HostBuilder& newest_cpu(const std::vector<double>& percents) {
    const std::size_t first = host_.samples.size() - percents.size();
    for (std::size_t i = 0; i < percents.size(); ++i) {
      host_.samples[first + i].used.cpu = percents[i];
    }
    return *this;
  }
  HostBuilder& silent() {
    host_.up = false;
    host_.last_seen = builder_now - std::chrono::minutes{2};
    return *this;
  }
  HostBuilder& drained() {
    host_.drained = true;
    return *this;
  }
  HostBuilder& has_image(const std::string& id) {
    host_.image_ids.push_back(id);
    return *this;
  }
  HostBuilder& label(const std::string& key, const std::string& value) {
    host_.labels[key] = value;
    return *this;
  }
  HostBuilder& runs(const ContainerState& container) {
    host_.containers.push_back(container);
    host_.image_ids.push_back(container.image_id);
    return *this;
  }
  template <class Field, class Value>
  HostBuilder& set(Field HostState::*field, Value value) {
    host_.*field = std::move(value);
    return *this;
  }
  operator HostState() const { return host_; }  // NOLINT: that is what it is for

 private:
  HostState host_;
};

/// A fleet: `FleetBuilder().host(HostBuilder("h1").load(96)).link("h1", "h2", 112e6)`.
class FleetBuilder {
 public:
  FleetBuilder& host(const HostState& host) {
    fleet_.hosts.push_back(host);
    return *this;
  }
  FleetBuilder& link(const std::string& from, const std::string& to, double bytes_per_s,
                     double rtt_s = 0.001) {
    fleet_.links.push_back({HostId{from}, HostId{to}, bytes_per_s, rtt_s, true});
    return *this;
  }
  FleetBuilder& under_way(const std::string& container, const std::string& from,
                          const std::string& to, const Demand& demand,
                          Duration since = std::chrono::seconds{1}) {
    fleet_.under_way.push_back(
        {ContainerName{container}, HostId{from}, HostId{to}, demand, {}, builder_now - since});
    return *this;
  }
  FleetBuilder& moved(const std::string& container, const std::string& from, const std::string& to,
                      Duration ago, bool succeeded = true) {
    fleet_.past.push_back({ContainerName{container}, HostId{from}, HostId{to},
                           builder_now - ago - std::chrono::seconds{10}, builder_now - ago,
                           succeeded});
    return *this;
  }
  [[nodiscard]] FleetSnapshot build() const { return fleet_; }
  operator FleetSnapshot() const { return fleet_; }  // NOLINT: that is what it is for

 private:
  FleetSnapshot fleet_;
};

}  // namespace plimsoll::test
