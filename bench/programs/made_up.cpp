#include "made_up.h"

#include <fmt/format.h>

namespace plimsoll::bench {

Pressure MadeUp::pressure() {
  return {{percent(), percent(), percent()}, PressureLine{percent(), percent(), percent()}};
}

ContainerReading MadeUp::container(std::size_t number) {
  ContainerReading out;
  out.id = fmt::format("{:012x}{:052x}", 0xabc000000000 + number, number);
  out.name = fmt::format("service-{}", number);
  out.image = "registry.example/shop/service:1.2";
  out.image_id = "sha256:" + std::string(64, 'f');
  out.state = "running";
  out.restarts = 0;
  out.cpu_cores = percent() / 25;
  out.cpu_percent = percent();
  out.cpu_ns = bytes();
  out.cpu_limit_cores = 2;
  out.throttled_percent = percent();
  out.memory_usage = bytes();
  out.memory_working_set = bytes();
  out.memory_limit = bytes();
  out.network_rx_bytes = bytes();
  out.network_tx_bytes = bytes();
  out.network_rx_bytes_per_s = rate();
  out.network_tx_bytes_per_s = rate();
  out.block_read_bytes_per_s = rate();
  out.block_write_bytes_per_s = rate();
  out.image_bytes = 543'700'000;
  return out;
}

HostReading MadeUp::host(std::size_t containers) {
  HostReading out;
  out.agent_version = "0.1.0";
  out.boot_id = "b7f0c9a2-0000-4000-8000-000000000001";
  out.address = "10.77.0.11";
  out.interval = Duration{1000};
  out.cpu = {4, percent(), CpuModes{15, 0, 7.5, percent(), 1, 0.5, 0.5, 0.5}, percent(), 0.75, 0.5};
  out.memory = {std::uint64_t{1} << 36, bytes(), bytes(), 1'000'000, 250'000};
  out.pressure.cpu = pressure();
  out.pressure.memory = pressure();
  out.pressure.io = pressure();
  const std::uint64_t used = bytes();
  const std::uint64_t available = bytes();
  out.filesystems.push_back({"/", "/dev/vda", "ext4", used + available, used, available});
  out.disks.push_back({"vda", rate(), rate(), rate(), rate(), percent()});
  out.nics.push_back({"eth0", rate(), rate(), bytes(), bytes(), 3, 7});
  out.tx_dropped = 7;
  out.facts = {"h1", "x86_64", "6.1.0-18-amd64", "20.10.24", "overlay2", 1, bytes()};
  for (std::size_t i = 0; i < containers; ++i) out.containers.push_back(container(i));
  return out;
}

}  // namespace plimsoll::bench
