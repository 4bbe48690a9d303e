#pragma once

#include "telemetry/reading.h"

namespace plimsoll::test {

inline ContainerReading sample_container(const std::string& name, char digit) {
  ContainerReading container;
  container.id = std::string(64, digit);
  container.name = name;
  container.image = "registry.example/shop/" + name + ":1.2";
  container.image_id = "sha256:" + std::string(64, 'f');
  container.state = "running";
  container.cpu_cores = 1.5;
  container.cpu_percent = 37.5;
  container.cpu_ns = 123'456'789'012;
  container.memory_usage = 400U << 20;
  container.memory_working_set = 300U << 20;
  container.memory_limit = 1600U << 20;
  container.network_rx_bytes = 1'000'000;
  container.network_tx_bytes = 48'576;
  return container;
}

/// One host with every part of a reading in it, numbers easy to check by hand.
inline HostReading sample_reading() {
  HostReading host;
  host.agent_version = "0.1.0";
  host.boot_id = "b7f0c9a2-0000-4000-8000-000000000001";
  host.address = "10.77.0.11";
  host.sampled_at = parse_rfc3339("2026-11-22T12:00:00.250Z").value();
  host.interval = Duration{1000};
  host.cpu = {4, 25, CpuModes{15, 0, 7.5, 75, 1, 0.5, 0.5, 0.5}, 1.25, 0.75, 0.5};
  host.memory = {8000, 2000, 1500, 1000, 250};
  host.pressure.cpu = Pressure{{1.5, 1.25, 1}, {}};
  host.pressure.memory = Pressure{{0.5, 0.25, 0}, PressureLine{0.25, 0, 0}};
  host.filesystems.push_back({"/", "/dev/vda", "ext4", 1000, 300, 600, 64, 48});
  host.filesystems.push_back({"/var/lib/docker", "/dev/vdb", "xfs", 5000, 1000, 4000});
  host.disks.push_back({"vda", 4096, 8192, 1, 2, 12.5});
  host.nics.push_back({"eth0", 1000, 2000, 100'000, 200'000, 3, 7});
  host.tx_dropped = 7;
  host.facts = {"h1", "x86_64", "6.1.0-18-amd64", "20.10.24", "overlay2", 1, 4000};
  host.containers.push_back(sample_container("web", 'a'));
  auto& full = host.containers.emplace_back(sample_container("db", 'b'));
  full.health = "healthy";
  full.restarts = 2;
  full.started_at = parse_rfc3339("2026-11-22T11:00:00.500Z").value();
  full.labels = {{"com.docker.compose.project", "shop"}, {"plimsoll.move", "never"}};
  full.mounts.push_back({"volume", "data", "/var/lib/docker/volumes/data/_data", "/data", true});
  full.mounts.push_back({"bind", "", "/etc/shop", "/etc/shop", false});
  full.cpu_limit_cores = 2;
  full.throttled_percent = 12.5;
  full.memory_cache = 150U << 20;
  full.pressure.io = Pressure{{3, 2, 1}, PressureLine{1, 0.5, 0.25}};
  full.network_rx_bytes_per_s = 100;
  full.network_tx_bytes_per_s = 50;
  full.block_read_bytes_per_s = 0;
  full.block_write_bytes_per_s = 4096;
  full.image_bytes = 543'700'000;
  full.writable_bytes = 1'048'576;
  host.warnings.emplace_back("docker: permission denied on /var/run/docker.sock");
  return host;
}

}  // namespace plimsoll::test
