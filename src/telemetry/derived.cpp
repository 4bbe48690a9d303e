#include "telemetry/derived.h"

#include <algorithm>
#include <cmath>

namespace plimsoll {

const FilesystemReading* root_filesystem(const HostReading& reading) {
  const auto& list = reading.filesystems;
  const auto root = std::ranges::find(list, "/", &FilesystemReading::mount);
  if (root != list.end()) return &*root;
  const auto tells_of_root = [](const std::string& text) { return text.starts_with(root_hangs); };
  if (list.empty() || std::ranges::any_of(reading.warnings, tells_of_root)) return nullptr;
  return &list.front();
}

double used_percent(const FilesystemReading& filesystem) {
  const double used = static_cast<double>(filesystem.used);
  const double reachable = used + static_cast<double>(filesystem.available);
  return reachable > 0 ? used / reachable * 100.0 : 0.0;
}

std::optional<std::uint64_t> memory_used(const HostReading& reading) {
  const auto& memory = reading.memory;
  if (memory.total == 0) return std::nullopt;
  return memory.total - std::min(memory.total, memory.available);
}

std::optional<double> memory_percent(const HostReading& reading) {
  const auto used = memory_used(reading);
  if (!used) return std::nullopt;
  return static_cast<double>(*used) / static_cast<double>(reading.memory.total) * 100.0;
}

std::string short_id(const ContainerReading& container) { return container.id.substr(0, 12); }

std::optional<double> memory_percent(const HostReading& host, const ContainerReading& container) {
  const std::uint64_t capacity = container.memory_limit.value_or(host.memory.total);
  if (!container.memory_usage || capacity == 0) return std::nullopt;
  return static_cast<double>(*container.memory_usage) / static_cast<double>(capacity) * 100.0;
}

std::optional<std::uint64_t> network_bytes(const ContainerReading& container) {
  if (!container.network_rx_bytes && !container.network_tx_bytes) return std::nullopt;
  return container.network_rx_bytes.value_or(0) + container.network_tx_bytes.value_or(0);
}

double legacy_network_percent(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 1048576.0 * 100.0;
}

double rounded(double value) { return std::round(value * 100.0) / 100.0; }

}  // namespace plimsoll
