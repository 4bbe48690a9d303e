#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "simulate/balancing.h"
#include "simulate/trace.h"

namespace plimsoll {

/// Means over steps of what comes in at any time, in any order.
class RecordedSeries {
 public:
  struct Value {
    double cpu = 0;
    double memory = 0;
  };

  /// Gives how many steps it has more than before: 0 or 1.
  std::size_t add(std::int64_t step, const Value& value);
  [[nodiscard]] bool empty() const { return sums_.empty(); }
  [[nodiscard]] std::int64_t first() const { return sums_.front().step; }
  [[nodiscard]] std::int64_t last() const { return sums_.back().step; }
  [[nodiscard]] bool shares_a_step_with(const RecordedSeries& other) const;
  /// Takes over what another has.
  void merge(const RecordedSeries& other);
  /// The means of `count` steps from `begin`; gaps are filled for `hold` steps, then zero.
  [[nodiscard]] std::vector<Value> values(std::int64_t begin, std::size_t count,
                                          std::size_t hold) const;

 private:
  struct Sum {
    std::int64_t step = 0;
    Value value;
    double count = 0;
  };
  std::vector<Sum> sums_;  // by step
};

/// A fleet as its recorded points tell of it, in any order.
class RecordedFleet {
 public:
  RecordedFleet(Duration step, const TraceLimits& limits) : step_(step), limits_(limits) {}

  struct HostPoint {
    std::optional<double> cpu_used;
    std::optional<double> cpu_cores;
    std::optional<double> memory;
  };
  void note_host(const std::string& host, TimePoint time, const HostPoint& point);

  struct ContainerPoint {
    std::optional<double> cpu_cores;
    std::optional<double> memory;
    std::optional<double> writable_bytes;
  };
  void note_container(const std::string& host, const std::string& name, TimePoint time,
                      const ContainerPoint& point);

  /// Set once there is more than the limits allow.
  [[nodiscard]] std::optional<Error> full() const;
  /// Errors: malformed - nothing to replay; too_large; invalid - see read_export.
  [[nodiscard]] Result<BalancingFleet> finish() const;

 private:
  struct HostRecord {
    RecordedSeries used;
    double cores = 0;
    double memory = 0;
  };
  struct ContainerRecord {
    RecordedSeries used;
    double writable_bytes = 0;
  };
  struct Span {
    std::int64_t first = 0;
    std::size_t count = 0;
  };
  /// By name, then by host.
  using Containers = std::map<std::string, std::map<std::string, ContainerRecord>>;

  [[nodiscard]] std::int64_t step_of(TimePoint time) const;
  [[nodiscard]] Result<Span> span() const;
  /// A container on one of its hosts.
  struct Life {
    const ContainerRecord* record = nullptr;
    std::size_t place = 0;
  };
  using Lives = std::vector<Life>;  // in the order of time
  static Lives lives_of(const std::map<std::string, ContainerRecord>& on_hosts,
                        const std::map<std::string, std::size_t>& places);
  static bool is_one(const Lives& lives);
  static void add_workload(BalancingFleet& fleet, const Span& span, std::string name,
                           const Lives& lives);
  void add_hosts(BalancingFleet& fleet, const Span& span) const;
  void add_workloads(BalancingFleet& fleet, const Span& span) const;

  Duration step_;
  TraceLimits limits_;
  std::size_t values_ = 0;
  std::size_t containers_count_ = 0;
  std::map<std::string, HostRecord> hosts_;
  Containers containers_;
};

}  // namespace plimsoll
