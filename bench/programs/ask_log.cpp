#include "ask_log.h"

#include <algorithm>
#include <cmath>

#include "core/json_writer.h"

namespace plimsoll::bench {
namespace {

constexpr double late_after_s = 0.1;
constexpr double bucket_s = 0.1;

/// Requires: sorted.
double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(share * last))];
}

}  // namespace

void AskLog::start_anew() {
  start_ = Clock::now();
  for (auto& times : asked_) times.clear();
}

AskLog::Gaps AskLog::gaps(double window_s) const {
  const double interval_s = std::chrono::duration<double>(interval_).count();
  Gaps out;
  const auto note = [&](double gap) {
    if (gap < 1.5 * interval_s) return;
    out.missed += static_cast<std::size_t>(std::lround(gap / interval_s)) - 1;
  };
  for (const auto& times : asked_) {
    if (times.empty()) {
      out.missed += static_cast<std::size_t>(window_s / interval_s);
      continue;
    }
    note(times.front());
    note(window_s - times.back());
    for (std::size_t i = 1; i < times.size(); ++i) {
      const double gap = times[i] - times[i - 1];
      note(gap);
      if (gap >= 1.5 * interval_s) continue;
      if (gap > interval_s + late_after_s) ++out.late;
      out.off_ms.push_back(std::abs(gap - interval_s) * 1000);
    }
  }
  std::sort(out.off_ms.begin(), out.off_ms.end());
  return out;
}

double AskLog::busiest(double window_s) const {
  std::vector<std::size_t> buckets(static_cast<std::size_t>(window_s / bucket_s));
  std::size_t all = 0;
  for (const auto& times : asked_) {
    for (const double time : times) {
      const auto bucket = static_cast<std::size_t>(time / bucket_s);
      if (bucket >= buckets.size()) continue;
      ++buckets[bucket];
      ++all;
    }
  }
  if (all == 0) return 0;
  const auto most = static_cast<double>(*std::max_element(buckets.begin(), buckets.end()));
  return most * static_cast<double>(buckets.size()) / static_cast<double>(all);
}

std::string AskLog::summary() const {
  const double window_s = std::chrono::duration<double>(Clock::now() - start_).count();
  const double interval_s = std::chrono::duration<double>(interval_).count();
  std::size_t requests = 0;
  for (const auto& times : asked_) requests += times.size();
  const auto found = gaps(window_s);
  JsonWriter json;
  json.begin_object().field("seconds", window_s).field("requests", requests);
  json.field("expected", static_cast<double>(asked_.size()) * window_s / interval_s);
  json.field("missed", found.missed).field("late", found.late);
  json.field("off_p50_ms", quantile(found.off_ms, 0.5));
  json.field("off_p99_ms", quantile(found.off_ms, 0.99));
  json.field("off_max_ms", quantile(found.off_ms, 1));
  json.field("busiest", busiest(window_s)).end_object();
  return json.take();
}

}  // namespace plimsoll::bench
