// Traces and recorded fleets, plain and packed, as `plimsoll simulate` reads them.
#include "simulate/trace.h"

#include <cmath>
#include <sstream>

#include "fuzz.h"
#include "simulate/trace_export.h"
#include "simulate/zstd_input.h"

namespace plimsoll::fuzz {
namespace {

constexpr TraceLimits limits{.line_bytes = 4096,
                             .rows = 200,
                             .steps = 200,
                             .values = 10'000,
                             .file_bytes = std::size_t{1} << 20};

void check_shares(const std::vector<double>& shares, std::size_t steps) {
  require(shares.size() == steps, "a row has another length");
  for (const double share : shares) require(share >= 0 && share <= 1, "a share cannot be");
}

void check_trace(const Trace& trace) {
  require(trace.steps >= 2 && trace.steps <= limits.steps, "steps past the limit");
  require(!trace.rows.empty() && trace.rows.size() <= limits.rows, "rows past the limit");
  for (const auto& row : trace.rows) {
    check_shares(row.cpu, trace.steps);
    if (trace.has_memory()) check_shares(row.memory, trace.steps);
  }
  const auto fleet = balancing_fleet(trace, 0.5);
  if (!fleet) require_fit_to_print(fleet.error().message);
}

void check_fleet(const BalancingFleet& fleet) {
  require(fleet.steps >= 2 && fleet.steps <= limits.steps, "steps past the limit");
  for (const auto& workload : fleet.workloads) {
    require(workload.start < fleet.hosts.size(), "a workload on no host");
    require(workload.share.size() == fleet.steps, "a workload of another length");
    for (const double share : workload.share) {
      require(std::isfinite(share) && share >= 0, "a use that cannot be");
    }
  }
  for (const auto& host : fleet.hosts) {
    require(host.cpu > 0 && host.other_cpu.size() == fleet.steps, "a host that cannot be");
  }
}

void check(std::istream& in) {
  const auto trace = read_trace(in, "day.csv", limits);
  if (trace) {
    check_trace(*trace);
  } else {
    require_place(trace.error(), "day.csv");
  }
}

void check_all(std::string_view text) {
  std::istringstream plain{std::string{text}};
  check(plain);
  std::istringstream packed{std::string{text}};
  ZstdInput unpacked{packed};
  std::istream in{&unpacked};
  check(in);
  std::istringstream recorded{std::string{text}};
  const auto fleet = read_export(recorded, "week.csv", std::chrono::minutes{5}, limits);
  if (fleet) {
    check_fleet(*fleet);
  } else {
    require_place(fleet.error(), "week.csv");
  }
}

}  // namespace
}  // namespace plimsoll::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plimsoll::fuzz::check_all(plimsoll::fuzz::as_text(data, size));
  return 0;
}
