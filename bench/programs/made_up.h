#pragma once

#include <random>

#include "telemetry/reading.h"

namespace plimsoll::bench {

/// Readings of hosts of a usual size, with every part in them; the same ones in every run.
class MadeUp {
 public:
  [[nodiscard]] HostReading host(std::size_t containers);

 private:
  double percent() { return static_cast<double>(engine_() % 100'000) / 1000; }
  double rate() { return static_cast<double>(engine_() % 100'000'000) / 1000; }
  std::uint64_t bytes() { return engine_() % (std::uint64_t{1} << 36); }
  Pressure pressure();
  ContainerReading container(std::size_t number);

  std::mt19937_64 engine_{42};
};

}  // namespace plimsoll::bench
